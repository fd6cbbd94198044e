#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <thread>

// ThreadSanitizer sees a planted race, and none where there is a lock.
namespace calyptenora::host {
namespace {

/// Two threads count; `lock` is what keeps them apart.
template <class Lock>
void count(Lock& lock) {
    int counted = 0;
    const auto add = [&] {
        for (int i = 0; i < 1000; ++i) {
            const std::lock_guard held(lock);
            ++counted;
        }
    };
    std::thread first(add), second(add);
    first.join();
    second.join();
    std::exit(counted == 2000 ? 0 : 1);
}

struct NoLock {
    void lock() {}
    void unlock() {}
};

/// With which ThreadSanitizer ends a program in which it has seen something.
constexpr int race_status = 66;

TEST(PlantedRace, IsSeen) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    NoLock none;
    EXPECT_EXIT(count(none), testing::ExitedWithCode(race_status), "ThreadSanitizer: data race");
}

TEST(PlantedRace, IsNotSeenWhereALockIs) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    std::mutex mutex;
    EXPECT_EXIT(count(mutex), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace calyptenora::host
