#include "gate/emission.hpp"

#include "gate/subject_state.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/subjects.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <set>

namespace calyptenora::gate {
namespace {

/// Between the question whether there is time and the first byte.
constexpr std::chrono::seconds margin{5};

/// What one emission keeps until it is settled.
struct Held {
    std::vector<storage::Lease> leases;
    std::vector<storage::Disclosure> attempts;
};

boost::asio::awaitable<void> release_leases(storage::Database& database, std::vector<storage::Lease> leases) {
    (void)co_await database.transaction([&](storage::Transaction& tx) -> Status {
        storage::leases::release(tx, leases);
        return {};
    });
}

class LedgeredEmission final : public Emission {
  public:
    LedgeredEmission(storage::Database& database, const storage::FieldCipher& cipher,
                     const storage::Clock& clock, DroppedLeases& dropped, Held held)
        : database_(database), cipher_(cipher), clock_(clock), dropped_(dropped), held_(std::move(held)) {}

    // A call that is cancelled ends here. Its lease must not keep the withdrawal waiting that cancelled it.
    ~LedgeredEmission() override {
        if (!held_.leases.empty())
            dropped_.give_back(std::move(held_.leases));
    }

    bool is_in_time() const override {
        return std::ranges::all_of(held_.leases, [now = clock_.now()](const auto& lease) {
            return now + margin < lease.expires_at;
        });
    }

    boost::asio::awaitable<void> release() override {
        if (!held_.leases.empty())
            co_await release_leases(database_, std::exchange(held_.leases, {}));
    }

    boost::asio::awaitable<void> settle(std::string_view outcome) override {
        co_await release();
        const auto attempts = std::exchange(held_.attempts, {});
        const std::string text(outcome);
        (void)co_await database_.transaction([&](storage::Transaction& tx) -> Status {
            std::vector<storage::Disclosure> rows;
            for (auto row : attempts) {
                row.id = storage::DisclosureId::make();
                row.kind = storage::DisclosureKind::outcome;
                row.commitment.clear();
                row.outcome = text;
                row.at = clock_.now();
                rows.push_back(std::move(row));
            }
            storage::disclosures::append(tx, cipher_.keys().service(), std::move(rows));
            return {};
        });
    }

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    DroppedLeases& dropped_;
    Held held_;
};

Error denied(const settings::InstanceId& instance) {
    return Error(ErrorKind::denied,
                 fmt::format("{} may no longer send what this call holds: a choice has changed since",
                             instance.text()));
}

}  // namespace

void DroppedLeases::give_back(std::vector<storage::Lease> leases) {
    const std::lock_guard lock(mutex_);
    if (stopped_)
        return;
    std::erase_if(running_, [](const std::future<void>& work) {
        return work.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    running_.push_back(boost::asio::co_spawn(executor_, release_leases(database_, std::move(leases)),
                                             boost::asio::use_future));
}

void DroppedLeases::stop() {
    std::list<std::future<void>> running;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        running.swap(running_);
    }
    for (const auto& work : running)
        work.wait();
}

Emissions::Emissions(boost::asio::any_io_executor executor, storage::Database& database,
                     const storage::FieldCipher& cipher, Gate& gate, std::string node)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      node_(std::move(node)),
      dropped_(std::move(executor), database) {}

// The lease is granted, the decision read and the attempt recorded in one transaction that holds each
// subject's lock. A withdrawal holds the same lock when it commits: either it comes first, and the decision
// sees it, or it comes after, and sees the lease.
boost::asio::awaitable<Result<std::unique_ptr<Emission>>> Emissions::begin(const CallScope& scope,
                                                                           EmissionRequest request) {
    if (scope.records.empty())
        co_return std::make_unique<LedgeredEmission>(database_, cipher_, gate_.clock(), dropped_, Held{});
    std::vector<const ReleasedRecord*> carried;
    for (const auto index : request.records) {
        if (index >= scope.records.size())
            co_return Error(ErrorKind::invalid_input,
                            fmt::format("there is no record {} in this call", index));
        carried.push_back(&scope.records[index]);
    }
    if (carried.empty())
        for (const auto& record : scope.records)
            carried.push_back(&record);

    const auto policy = gate_.policy();
    const auto* row = policy->find_flow(scope.instance, scope.purpose);
    if (!row)
        co_return denied(scope.instance);

    // In one order everywhere, so that two batches never wait for each other.
    std::set<storage::SubjectId> subjects;
    for (const auto* record : carried)
        subjects.insert(record->subject);

    auto held = co_await database_.transaction([&](storage::Transaction& tx) -> Result<Held> {
        Held kept;
        const auto now = gate_.clock().now();
        for (const auto& subject : subjects)
            if (!storage::subjects::lock(tx, subject))
                return denied(scope.instance);
        kept.leases = storage::leases::grant(tx, subjects, node_, now, lease_time);
        for (const auto* record : carried) {
            const auto decision =
                gate_.explain_within(tx, *row, record->subject, record->categories, request.device, false)
                    .decision;
            if (decision.refused || decision.released != record->categories)
                return denied(scope.instance);
            if (record->since && was_closed_since(tx, record->subject, *row, *record->since))
                return denied(scope.instance);
            auto commitment =
                cipher_.commitment(record->subject, scope.call, request.method + " " + request.host);
            if (!commitment)
                return commitment.error();
            kept.attempts.push_back({.id = storage::DisclosureId::make(),
                                     .subject = record->subject,
                                     .kind = storage::DisclosureKind::attempted,
                                     .call_id = scope.call,
                                     .instance = scope.instance.text(),
                                     .recipient = row->terms.recipient,
                                     .purpose = scope.purpose,
                                     .operation = request.method,
                                     .categories = record->categories,
                                     .host = request.host,
                                     .commitment = *commitment,
                                     .outcome = {},
                                     .at = now});
        }
        storage::disclosures::append(tx, cipher_.keys().service(), kept.attempts);
        return kept;
    });
    if (!held)
        co_return held.error();
    co_return std::make_unique<LedgeredEmission>(database_, cipher_, gate_.clock(), dropped_,
                                                 std::move(*held));
}

boost::asio::awaitable<Status> Emissions::may_store(const CallScope& scope) {
    if (scope.records.size() != 1)
        co_return Error(ErrorKind::denied,
                        "the store belongs to one learner; this call is about none, or several");
    const auto policy = gate_.policy();
    const auto* row = policy->find_flow(scope.instance, scope.purpose);
    if (!row)
        co_return denied(scope.instance);
    const auto& record = scope.records.front();
    co_return co_await database_.run([&](storage::Transaction& tx) -> Status {
        const auto decision =
            gate_.explain_within(tx, *row, record.subject, record.categories, false, false).decision;
        if (decision.refused)
            return denied(scope.instance);
        return {};
    });
}

}  // namespace calyptenora::gate
