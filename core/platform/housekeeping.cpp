#include "platform/housekeeping.hpp"

#include "platform/rights/deadlines.hpp"
#include "storage/stores/leases.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/retained.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/throttle.hpp"
#include "storage/stores/tombstones.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

constexpr std::chrono::hours interval{1};
constexpr std::chrono::days outgoing_kept{30};
constexpr std::chrono::days attempts_kept{1};
/// Far longer than any lease: whoever waits for one judges by its end, not by its row.
constexpr std::chrono::hours leases_kept{1};
constexpr int retained_at_once = 1000;

Result<long long> sweep_retained(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                 storage::Timestamp now) {
    const auto over = storage::retained::list_over(tx, day_of(now), retained_at_once);
    for (const auto& record : over)
        if (auto removed = storage::retained::remove(tx, cipher, record.id); !removed)
            return removed.error();
    return static_cast<long long>(over.size());
}

}  // namespace

void Housekeeping::start(boost::asio::io_context& context) {
    loop_.start(
        context,
        [this]() -> boost::asio::awaitable<std::chrono::milliseconds> {
            co_await sweep_and_log();
            co_return interval;
        },
        log_);
}

boost::asio::awaitable<void> Housekeeping::sweep_and_log() {
    const auto swept = co_await run_once();
    if (!swept)
        log_("what is due for deletion cannot be deleted now: " + swept.error().message);
    else if (*swept != Swept())
        log_(fmt::format(
            "deleted as due: {} sessions, {} notes of what was sent, {} counts of attempts, {} leases, "
            "{} retained records, {} tombstones",
            swept->sessions, swept->outgoing, swept->attempts, swept->leases, swept->retained,
            swept->tombstones));
}

boost::asio::awaitable<Result<Swept>> Housekeeping::run_once() {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<Swept> {
        const auto now = clock_.now();
        const auto retained = sweep_retained(tx, cipher_, now);
        if (!retained)
            return retained.error();
        const auto tombstones = storage::tombstones::sweep(cipher_.keys(), now - backups_kept_);
        if (!tombstones)
            return tombstones.error();
        return Swept{.sessions = storage::sessions::sweep(tx, now),
                     .outgoing = storage::outbox::sweep(tx, now - outgoing_kept),
                     .attempts = storage::throttle::sweep(tx, now - attempts_kept),
                     .leases = storage::leases::sweep(tx, now - leases_kept),
                     .retained = *retained,
                     .tombstones = *tombstones};
    });
}

}  // namespace calyptenora::platform
