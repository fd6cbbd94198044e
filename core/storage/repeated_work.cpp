#include "storage/repeated_work.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

namespace calyptenora::storage {

namespace asio = boost::asio;

void RepeatedWork::start(asio::io_context& context, Round round, Log log) {
    timer_.emplace(context);
    loop_ = asio::co_spawn(context, run(std::move(round), std::move(log)), asio::use_future);
}

void RepeatedWork::stop() {
    if (!loop_)
        return;
    stopping_ = true;
    // On the loop's thread: it is then either waiting, or sees the flag before it waits.
    asio::post(timer_->get_executor(), [this] { timer_->cancel(); });
    loop_->wait();
    loop_.reset();
}

asio::awaitable<void> RepeatedWork::run(Round round, Log log) {
    while (!stopping_) {
        std::chrono::milliseconds wait = after_failure;
        try {
            wait = co_await round();
        } catch (const std::exception& failure) {
            // A row that cannot be read must not end the work on all others.
            log(std::string("a round of work in the background has failed: ") + failure.what());
        }
        if (stopping_ || wait <= std::chrono::milliseconds(0))
            continue;
        timer_->expires_after(wait);
        boost::system::error_code cancelled;
        co_await timer_->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

}  // namespace calyptenora::storage
