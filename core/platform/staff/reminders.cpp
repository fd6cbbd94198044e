#include "platform/staff/reminders.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace calyptenora::platform {
namespace {

constexpr std::chrono::minutes interval{15};
constexpr std::chrono::hours said_again_after{24};

}  // namespace

void Reminders::start(boost::asio::io_context& context) {
    loop_.start(
        context,
        [this]() -> boost::asio::awaitable<std::chrono::milliseconds> {
            co_await run_once();
            co_return interval;
        },
        log_);
}

boost::asio::awaitable<void> Reminders::run_once() {
    const auto now = clock_.now();
    std::map<std::string, storage::Timestamp> still_due;
    for (const auto& source : sources_) {
        const auto due = co_await source();
        if (!due) {
            log_("what is due cannot be found out now: " + due.error().message);
            continue;
        }
        for (const auto& line : *due) {
            const auto known = said_.find(line);
            const bool is_known = known != said_.end() && now - known->second < said_again_after;
            if (!is_known)
                log_(line);
            still_due[line] = is_known ? known->second : now;
        }
    }
    said_ = std::move(still_due);
}

}  // namespace calyptenora::platform
