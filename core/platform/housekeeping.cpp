#include "platform/housekeeping.hpp"

#include "platform/retention.hpp"
#include "platform/rights/deadlines.hpp"
#include "storage/stores/account_events.hpp"
#include "storage/stores/account_links.hpp"
#include "storage/stores/announcements.hpp"
#include "storage/stores/leases.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/retained.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/technical_data.hpp"
#include "storage/stores/throttle.hpp"
#include "storage/stores/tombstones.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <array>

namespace calyptenora::platform {
namespace {

constexpr std::chrono::hours interval{1};
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

/// The moments from which on a row stays.
struct Cutoffs {
    Cutoffs(const KeptFor& kept_for, storage::Timestamp at)
        : now(at),
          outgoing(at - kept_for.retention.outgoing_days),
          attempts(at - kept_for.retention.attempts_days),
          activity(at - kept_for.retention.activity_days),
          timings(at - kept_for.retention.timings_days),
          browsers(at - kept_for.retention.browsers_days),
          devices(at - kept_for.retention.devices_days),
          leases(at - leases_kept),
          tombstones(at - kept_for.backups) {}

    storage::Timestamp now, outgoing, attempts, activity, timings, browsers, devices, leases, tombstones;
};

/// By which rule of the inventory each category goes.
struct CategoryRow {
    std::string_view category;
    std::string_view rule;
    long long Swept::* swept;
};
constexpr std::array categories{
    CategoryRow{"sessions", "session", &Swept::sessions},
    CategoryRow{"outgoing", "outgoing", &Swept::outgoing},
    CategoryRow{"attempts", "day", &Swept::attempts},
    CategoryRow{"links", "link", &Swept::links},
    CategoryRow{"activity", "activity", &Swept::activity},
    CategoryRow{"reads", "announcement", &Swept::reads},
    CategoryRow{"timings", "timings", &Swept::timings},
    CategoryRow{"browsers", "browsers", &Swept::browsers},
    CategoryRow{"devices", "devices", &Swept::devices},
    CategoryRow{"leases", "seconds", &Swept::leases},
    CategoryRow{"retained", "legal_dates", &Swept::retained},
    CategoryRow{"tombstones", "backups", &Swept::tombstones},
};

std::string words_of(const CategoryRow& row, const KeptFor& kept_for) {
    const auto& rule = retention_rule(row.rule);
    return fill_in(rule.words, lengths_of(rule, kept_for.retention));
}

void prove(storage::Transaction& tx, const Swept& swept, const KeptFor& kept_for, storage::Timestamp now) {
    for (const auto& row : categories)
        if (const auto rows = swept.*row.swept; rows > 0)
            storage::deletion_proofs::append(tx, row.category, words_of(row, kept_for), rows, now);
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
        log_(
            fmt::format("deleted as due: {} sessions, {} notes of what was sent, {} counts of attempts, {} "
                        "links, {} events of "
                        "accounts, {} marks that announcements were read, {} counts of pages' timings, {} "
                        "counts of browsers, {} "
                        "devices, {} leases, {} retained records, {} tombstones",
                        swept->sessions, swept->outgoing, swept->attempts, swept->links, swept->activity,
                        swept->reads, swept->timings, swept->browsers, swept->devices, swept->leases,
                        swept->retained, swept->tombstones));
}

boost::asio::awaitable<Result<Swept>> Housekeeping::run_once() {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<Swept> {
        const auto kept_for = kept_for_();
        const Cutoffs cutoffs(kept_for, clock_.now());
        const auto retained = sweep_retained(tx, cipher_, cutoffs.now);
        if (!retained)
            return retained.error();
        const auto tombstones = storage::tombstones::sweep(cipher_.keys(), cutoffs.tombstones);
        if (!tombstones)
            return tombstones.error();
        const Swept swept{.sessions = storage::sessions::sweep(tx, cutoffs.now),
                          .outgoing = storage::outbox::sweep(tx, cutoffs.outgoing),
                          .attempts = storage::throttle::sweep(tx, cutoffs.attempts),
                          .links = storage::account_links::sweep(tx, cutoffs.now),
                          .activity = storage::account_events::sweep(tx, cutoffs.activity),
                          .reads = storage::announcements::sweep_reads(tx, cutoffs.now),
                          .timings = storage::technical_data::sweep_timings(tx, cutoffs.timings),
                          .browsers = storage::technical_data::sweep_browsers(tx, cutoffs.browsers),
                          .devices = storage::technical_data::sweep_devices(tx, cutoffs.devices),
                          .leases = storage::leases::sweep(tx, cutoffs.leases),
                          .retained = *retained,
                          .tombstones = *tombstones};
        prove(tx, swept, kept_for, cutoffs.now);
        return swept;
    });
}

boost::asio::awaitable<Result<std::vector<PlannedDeletion>>> Housekeeping::plan() {
    using Plan = Result<std::vector<PlannedDeletion>>;
    namespace due = storage::due;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Plan {
        const auto kept_for = kept_for_();
        const Cutoffs cutoffs(kept_for, clock_.now());
        const auto tombstones =
            cipher_.keys().database().run_blocking([&](storage::Transaction& keys) -> Result<storage::Due> {
                return due::tombstones(keys, cutoffs.tombstones);
            });
        if (!tombstones)
            return tombstones.error();
        const std::array<std::pair<storage::Due, storage::Timestamp>, categories.size()> found{
            {{due::sessions(tx, cutoffs.now), cutoffs.now},
             {due::outgoing(tx, cutoffs.outgoing), cutoffs.outgoing},
             {due::attempts(tx, cutoffs.attempts), cutoffs.attempts},
             {due::links(tx, cutoffs.now), cutoffs.now},
             {due::activity(tx, cutoffs.activity), cutoffs.activity},
             {due::reads(tx, cutoffs.now), cutoffs.now},
             {due::timings(tx, cutoffs.timings), cutoffs.timings},
             {due::browsers(tx, cutoffs.browsers), cutoffs.browsers},
             {due::devices(tx, cutoffs.devices), cutoffs.devices},
             {due::leases(tx, cutoffs.leases), cutoffs.leases},
             {due::retained(tx, day_of(cutoffs.now)), cutoffs.now},
             {*tombstones, cutoffs.tombstones}}};
        std::vector<PlannedDeletion> plan;
        for (std::size_t i = 0; i < categories.size(); ++i) {
            const auto& [due, cutoff] = found[i];
            plan.push_back({categories[i].category, words_of(categories[i], kept_for), due, {}});
            if (due.next)
                plan.back().next_goes_at = *due.next + (cutoffs.now - cutoff);
        }
        return plan;
    });
}

boost::asio::awaitable<Result<DeletionLog>> Housekeeping::list_proofs(int limit) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<DeletionLog> {
        return DeletionLog{storage::deletion_proofs::list(tx, limit),
                           storage::deletion_proofs::find_break(tx)};
    });
}

}  // namespace calyptenora::platform
