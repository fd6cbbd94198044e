#include "host/deadline_clock.hpp"

#include <gtest/gtest.h>

#include <future>

namespace calyptenora::host {
namespace {

using namespace std::chrono_literals;

TEST(DeadlineClock, RunsInOrderAndForgets) {
    DeadlineClock clock;
    const auto now = std::chrono::steady_clock::now();
    std::vector<int> order;
    std::promise<void> last;
    clock.at(now + 60ms, [&] { last.set_value(); });
    clock.at(now + 30ms, [&] { order.push_back(2); });
    const auto forgotten = clock.at(now + 20ms, [&] { order.push_back(99); });
    clock.at(now + 10ms, [&] { order.push_back(1); });
    clock.forget(forgotten);
    clock.forget(forgotten);
    last.get_future().wait();
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(DeadlineClock, DropsWhatIsLeftAtItsEnd) {
    bool ran = false;
    {
        DeadlineClock clock;
        clock.at(std::chrono::steady_clock::now() + 1h, [&] { ran = true; });
    }
    EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace calyptenora::host
