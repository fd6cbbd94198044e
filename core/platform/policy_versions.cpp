#include "platform/policy_versions.hpp"

#include "storage/stores/learners.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <ranges>

namespace calyptenora::platform {
namespace {

using storage::PolicyVersion;
using storage::Timestamp;
using Versions = std::vector<PolicyVersion>;

/// What of one flow a change concerns. Other changes of a recipient than in its data concern all of it.
CategoryMask reach_of(const RecordChange& change, const gate::InstancePolicy& instance,
                      const gate::PolicyFlow& row) {
    if (!change.material || change.who != instance.recipient.legal_name ||
        change.what != key_of(row.flow.purpose))
        return {};
    return change.kind == ChangeKind::data_added ? change.data & row.flow.declared & row.flow.granted
                                                 : CategoryMask::all();
}

/// What of the policy the changes bring that nobody is asked about.
std::vector<gate::AnnouncedFlow> find_unasked(const gate::Policy& policy,
                                              const std::vector<RecordChange>& changes) {
    std::vector<gate::AnnouncedFlow> found;
    for (const auto& instance : policy.instances())
        for (const auto& row : instance.flows) {
            if (!row.flow.third_party || gate::is_consent(row.flow.basis))
                continue;
            CategoryMask reach;
            for (const auto& change : changes)
                reach |= reach_of(change, instance, row);
            if (!reach.empty())
                found.push_back({row.instance, row.flow.purpose, reach, Timestamp::max()});
        }
    return found;
}

/// What has changed between a version and what the notice says now.
Result<std::vector<RecordChange>> changes_since(storage::Transaction& tx, const PolicyVersion& version,
                                                const boost::json::value& notice) {
    const auto record = storage::policy_versions::find_record(tx, version.number);
    if (!record)
        return Error(ErrorKind::not_found, "there is no such version of the privacy notice");
    return find_changes(boost::json::parse(*record), notice);
}

struct Assessment {
    Timestamp effective_at;
    bool material = false;
};

/// When what the notice says now may come into force, as a version after those.
Result<Assessment> assess(storage::Transaction& tx, const Versions& versions,
                          const boost::json::value& notice, const gate::Policy& policy,
                          std::chrono::days lead, Timestamp now) {
    Assessment assessment{now};
    if (versions.empty())
        return assessment;
    const auto& newest = versions.front();
    const auto changes = changes_since(tx, newest, notice);
    if (!changes)
        return changes.error();
    assessment.material = std::ranges::any_of(*changes, &RecordChange::material);
    if (!storage::learners::has_any_but_staff(tx))
        return assessment;
    if (!find_unasked(policy, *changes).empty())
        assessment.effective_at = now + lead;
    // What an earlier version has promised for a later day holds, as long as it is still to come.
    if (const auto* in_force = find_in_force(versions, now); in_force && newest.effective_at > now) {
        const auto waiting = changes_since(tx, *in_force, notice);
        if (!waiting)
            return waiting.error();
        if (!find_unasked(policy, *waiting).empty())
            assessment.effective_at = std::max(assessment.effective_at, newest.effective_at);
    }
    return assessment;
}

/// What waits, and for which day: that of the first version from which on it is announced in full.
Result<std::vector<gate::AnnouncedFlow>> find_waiting(storage::Transaction& tx, const Versions& versions,
                                                      const boost::json::value& notice,
                                                      const gate::Policy& policy, Timestamp now) {
    const auto* in_force = find_in_force(versions, now);
    if (!in_force)
        return std::vector<gate::AnnouncedFlow>();
    const auto changes = changes_since(tx, *in_force, notice);
    if (!changes)
        return changes.error();
    auto waiting = find_unasked(policy, *changes);
    if (waiting.empty() || !storage::learners::has_any_but_staff(tx))
        return std::vector<gate::AnnouncedFlow>();
    for (const auto& version : versions | std::views::reverse) {
        if (version.number <= in_force->number)
            continue;
        const auto still_new = changes_since(tx, version, notice);
        if (!still_new)
            return still_new.error();
        const auto missing = find_unasked(policy, *still_new);
        for (auto& flow : waiting) {
            const bool is_missing = std::ranges::any_of(missing, [&](const auto& other) {
                return other.instance == flow.instance && other.purpose == flow.purpose;
            });
            if (!is_missing && flow.from == Timestamp::max())
                flow.from = version.effective_at;
        }
    }
    return waiting;
}

std::shared_ptr<const PolicyAnnouncement> find_announcement(const Versions& versions,
                                                            std::chrono::days lead) {
    for (const auto& version : versions)
        if (version.material && !is_withdrawn(version, versions))
            return std::make_shared<const PolicyAnnouncement>(
                version.number, version.made_at, version.effective_at,
                std::max(version.effective_at, version.made_at + lead));
    return nullptr;
}

}  // namespace

const PolicyVersion* find_in_force(const Versions& versions, Timestamp now) {
    const auto found =
        std::ranges::find_if(versions, [&](const auto& version) { return version.effective_at <= now; });
    return found == versions.end() ? nullptr : &*found;
}

bool is_withdrawn(const PolicyVersion& version, const Versions& versions) {
    return std::ranges::any_of(versions, [&](const auto& other) {
        return other.number > version.number && other.effective_at < version.effective_at;
    });
}

boost::asio::awaitable<Result<std::shared_ptr<const gate::Policy>>> PolicyVersions::apply(
    boost::json::value notice, std::shared_ptr<const gate::Policy> policy, std::chrono::days lead,
    Making making) {
    const auto record = boost::json::serialize(notice);
    const auto hash = gate::sha256_hex(record);
    std::shared_ptr<const PolicyAnnouncement> announcement;
    auto waiting = co_await database_.transaction(
        [&](storage::Transaction& tx) -> Result<std::vector<gate::AnnouncedFlow>> {
            const auto now = clock_.now();
            auto versions = storage::policy_versions::list(tx);
            while (making == Making::yes && (versions.empty() || versions.front().hash != hash)) {
                const auto assessment = assess(tx, versions, notice, *policy, lead, now);
                if (!assessment)
                    return assessment.error();
                const auto number = versions.empty() ? 1 : versions.front().number + 1;
                // Whoever was faster is seen in the next round.
                (void)storage::policy_versions::insert(tx,
                                                       {storage::PolicyVersionId::make(), number, hash, now,
                                                        assessment->effective_at, assessment->material},
                                                       record);
                versions = storage::policy_versions::list(tx);
            }
            announcement = find_announcement(versions, lead);
            return find_waiting(tx, versions, notice, *policy, now);
        });
    if (!waiting)
        co_return waiting.error();
    announcement_ = std::move(announcement);
    if (waiting->empty())
        co_return policy;
    co_return gate::hold_back(*policy, *waiting);
}

std::optional<PolicyAnnouncement> PolicyVersions::announcement() const {
    const auto announcement = announcement_.load();
    return announcement && announcement->shown_until > clock_.now() ? std::optional(*announcement)
                                                                    : std::nullopt;
}

std::optional<PolicyAnnouncement> PolicyVersions::announcement_for(storage::Transaction& tx,
                                                                   const storage::LearnerId& learner,
                                                                   storage::Timestamp member_since) const {
    const auto announced = announcement();
    if (!announced || member_since >= announced->made_at)
        return std::nullopt;
    return storage::policy_versions::find_seen(tx, learner) >= announced->number ? std::nullopt : announced;
}

boost::asio::awaitable<Status> PolicyVersions::put_away(storage::LearnerId learner, std::int64_t number) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::policy_versions::note_seen(tx, learner, number);
        return {};
    });
}

boost::asio::awaitable<Result<Versions>> PolicyVersions::list() {
    co_return co_await database_.run(
        [&](storage::Transaction& tx) -> Result<Versions> { return storage::policy_versions::list(tx); });
}

boost::asio::awaitable<Result<std::vector<RecordChange>>> PolicyVersions::changes_of(std::int64_t number) {
    using Changes = Result<std::vector<RecordChange>>;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Changes {
        const auto after = storage::policy_versions::find_record(tx, number);
        if (!after)
            return Error(ErrorKind::not_found, "there is no such version of the privacy notice");
        const auto before = storage::policy_versions::find_record(tx, number - 1);
        if (!before)
            return std::vector<RecordChange>();
        return find_changes(boost::json::parse(*before), boost::json::parse(*after));
    });
}

}  // namespace calyptenora::platform
