#pragma once

#include "gate/policy.hpp"
#include "platform/record_changes.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/stores/policy_versions.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

/// The versions of the privacy notice. A material change is announced, and what it brings is not used before
/// its day (consent.md rule 17).
namespace calyptenora::platform {

/// What people are told of who had an account before.
struct PolicyAnnouncement {
    std::int64_t number;
    storage::Timestamp made_at;
    storage::Timestamp effective_at;
    storage::Timestamp shown_until;
};

/// The newest that has come into force, or nullptr. `versions` newest first, here and below.
const storage::PolicyVersion* find_in_force(const std::vector<storage::PolicyVersion>& versions,
                                            storage::Timestamp now);
/// Whether a later version takes its place before it comes into force.
bool is_withdrawn(const storage::PolicyVersion& version, const std::vector<storage::PolicyVersion>& versions);

class PolicyVersions {
  public:
    PolicyVersions(storage::Database& database, const storage::Clock& clock)
        : database_(database), clock_(clock) {}

    /// Whether what the notice says becomes a version.
    enum class Making : bool { no, yes };

    /// Makes what the notice says now, as a record of processing in JSON, the newest version, unless it is
    /// that already. It is in force at once, but for what somebody else gets without asking the people:
    /// that only `lead` from now, if anybody but the staff has an account. Yields the policy that waits for
    /// it. Without Making::yes, what no version says waits without end. Several processes may do this on one
    /// database: what they agree on becomes one version.
    boost::asio::awaitable<Result<std::shared_ptr<const gate::Policy>>> apply(
        boost::json::value notice, std::shared_ptr<const gate::Policy> policy, std::chrono::days lead,
        Making making);

    /// What is announced now; nothing if nothing is. Takes no lock and asks no database.
    std::optional<PolicyAnnouncement> announcement() const;
    /// The same for one learner: not to those who have put it away, or came later.
    std::optional<PolicyAnnouncement> announcement_for(storage::Transaction& tx,
                                                       const storage::LearnerId& learner,
                                                       storage::Timestamp member_since) const;
    boost::asio::awaitable<Status> put_away(storage::LearnerId learner, std::int64_t number);

    /// Newest first.
    boost::asio::awaitable<Result<std::vector<storage::PolicyVersion>>> list();
    /// What a version has changed; nothing, if it is the first. `not_found` without such a version.
    boost::asio::awaitable<Result<std::vector<RecordChange>>> changes_of(std::int64_t number);

  private:
    storage::Database& database_;
    const storage::Clock& clock_;
    std::atomic<std::shared_ptr<const PolicyAnnouncement>> announcement_;
};

}  // namespace calyptenora::platform
