#include "platform/housekeeping.hpp"

#include "storage/stores/leases.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/throttle.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

constexpr std::chrono::hours interval{1};
constexpr std::chrono::days outgoing_kept{30};
constexpr std::chrono::days attempts_kept{1};
/// Far longer than any lease: whoever waits for one judges by its end, not by its row.
constexpr std::chrono::hours leases_kept{1};

}  // namespace

void Housekeeping::start(boost::asio::io_context& context) {
    timer_.emplace(context);
    loop_ = boost::asio::co_spawn(context, run(), boost::asio::use_future);
}

void Housekeeping::stop() {
    stopping_ = true;
    if (!loop_)
        return;
    boost::asio::post(timer_->get_executor(), [this] { timer_->cancel(); });
    loop_->wait();
    loop_.reset();
}

boost::asio::awaitable<void> Housekeeping::run() {
    while (!stopping_) {
        if (const auto swept = co_await run_once(); !swept)
            log_("what is due for deletion cannot be deleted now: " + swept.error().message);
        else if (*swept != Swept())
            log_(fmt::format(
                "deleted as due: {} sessions, {} notes of what was sent, {} counts of attempts, {} "
                "leases",
                swept->sessions, swept->outgoing, swept->attempts, swept->leases));
        if (stopping_)
            co_return;
        timer_->expires_after(interval);
        boost::system::error_code cancelled;
        co_await timer_->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
}

boost::asio::awaitable<Result<Swept>> Housekeeping::run_once() {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<Swept> {
        const auto now = clock_.now();
        return Swept{.sessions = storage::sessions::sweep(tx, now),
                     .outgoing = storage::outbox::sweep(tx, now - outgoing_kept),
                     .attempts = storage::throttle::sweep(tx, now - attempts_kept),
                     .leases = storage::leases::sweep(tx, now - leases_kept)};
    });
}

}  // namespace calyptenora::platform
