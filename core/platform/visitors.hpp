#pragma once

#include "gate/choices.hpp"
#include "platform/accounts.hpp"
#include "platform/learning.hpp"
#include "platform/overview.hpp"
#include "platform/policy_versions.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/sessions.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Who asks for a page, and what every page says about them.
namespace calyptenora::platform {

/// Who is looking at a page: somebody with an account, or a guest who has made a choice. A visitor without a
/// session is no Viewer.
struct Viewer {
    storage::Session session;
    std::optional<storage::Learner> learner;  ///< Absent for a guest.
    DisplayName display_name;
    EmailAddress email;

    const storage::SubjectId& subject() const { return session.subject; }
    bool is_guest() const { return !learner; }
};

/// What a page needs to know about a learner beyond what every page does.
enum class VisitorPart : unsigned char { none, courses, overview };

struct Visitor {
    std::optional<Viewer> viewer;  ///< Absent for somebody without a session.
    /// All flows, in the order of the policy; of somebody without a session, as if nothing had been chosen.
    std::vector<gate::Standing> standings;
    /// The change of the privacy notice that this learner is to be told of on all pages.
    std::optional<PolicyAnnouncement> announcement;
    long long awaiting = 0;  ///< Notifications.
    OwnCourses courses;      ///< If asked for, as the next one.
    Overview overview;
};

/// Reads visitors in one transaction each, since every page begins with it.
class Visitors {
  public:
    Visitors(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
             const PolicyVersions& versions, SessionLimits limits = {})
        : database_(database), cipher_(cipher), clock_(clock), versions_(versions), limits_(limits) {}

    /// Who has this session token; somebody without a session for an unknown or expired one. Notes, to within
    /// five minutes, that they were here, and that their browser asks for privacy (Global Privacy Control) if
    /// it does. An error if any of it cannot be read: nobody is taken for a stranger who may have refused
    /// something. The standings point into the policy.
    boost::asio::awaitable<Result<Visitor>> find(std::optional<std::string> token,
                                                 std::shared_ptr<const gate::Policy> policy,
                                                 bool privacy_control, VisitorPart part);

  private:
    struct Found;
    Result<std::optional<Found>> read(storage::Transaction& tx, const std::string& token,
                                      const gate::Policy& policy, bool privacy_control,
                                      VisitorPart part) const;
    boost::asio::awaitable<void> note(const storage::Session& session, bool privacy_control);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    const PolicyVersions& versions_;
    SessionLimits limits_;
};

}  // namespace calyptenora::platform
