#include "platform/staff/reminders.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

namespace calyptenora::platform {
namespace {

constexpr std::chrono::minutes interval{15};
constexpr std::chrono::hours said_again_after{24};

}  // namespace

void Reminders::start(boost::asio::io_context& context) {
    timer_.emplace(context);
    loop_ = boost::asio::co_spawn(context, run(), boost::asio::use_future);
}

void Reminders::stop() {
    stopping_ = true;
    if (!loop_)
        return;
    boost::asio::post(timer_->get_executor(), [this] { timer_->cancel(); });
    loop_->wait();
    loop_.reset();
}

boost::asio::awaitable<void> Reminders::run() {
    while (!stopping_) {
        co_await run_once();
        if (stopping_)
            co_return;
        timer_->expires_after(interval);
        boost::system::error_code cancelled;
        co_await timer_->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
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
