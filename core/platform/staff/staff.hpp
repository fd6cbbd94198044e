#pragma once

#include "gate/access_log.hpp"
#include "platform/accounts.hpp"
#include "platform/cases.hpp"
#include "platform/staff/permissions.hpp"
#include "settings/settings.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/accesses.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/orders.hpp"
#include "storage/stores/requests.hpp"
#include "storage/stores/staff_events.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Who belongs to the staff, what they may see of people, and what those people learn of it.
namespace calyptenora::platform {

/// Whether an account's role has effect, and what is missing for that.
struct StaffStanding {
    storage::LearnerId account;
    storage::Role role = storage::Role::learner;     ///< As appointed.
    std::optional<std::string> undertaking_on = {};  ///< ISO 8601; the newest undertaking of confidentiality.
    std::optional<std::string> trained_on = {};      ///< ISO 8601; the newest training.
    std::vector<std::string> system_users = {};      ///< What the same person is called on this machine.
    bool training_due = false;                       ///< It is to be repeated.

    bool is_staff() const { return role != storage::Role::learner; }
    bool is_in_effect() const { return is_staff() && undertaking_on && trained_on; }
    Permissions permissions() const { return is_in_effect() ? permissions_of(role) : Permissions(); }
};

/// How far somebody is in a course.
struct CourseRecord {
    storage::Enrolment enrolment;
    int lessons_completed = 0;
};

struct ChoicesRecord {
    std::vector<storage::Consent> consents;
    std::vector<storage::disclosures::Recipient> recipients;  ///< Who was sent something.
};

/// What somebody of the staff has opened of a person. Absent is what their role does not need.
struct PersonRecord {
    gate::ForStaff opened;
    storage::Learner account;
    DisplayName name;
    EmailAddress email;
    std::optional<std::vector<CourseRecord>> learning = {};
    gate::Personal<Category::user_account_settings, std::string> education = {};  ///< Comes with `learning`.
    std::optional<std::vector<storage::Order>> orders = {};
    std::optional<std::vector<CaseView>> cases = {};
    std::optional<std::vector<storage::SubjectRequest>> requests = {};
    std::optional<ChoicesRecord> choices = {};
};

class Staff {
  public:
    /// `rules` yields the settings in force.
    Staff(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
          std::function<settings::Staff()> rules);

    /// Gives an account a role, and takes it with `learner`. It has effect once an undertaking and a training
    /// are recorded. `system_user` is what the same person is called on this machine, if they work there.
    /// `actor` is whoever records it, as in storage::Access.
    boost::asio::awaitable<Status> appoint(storage::LearnerId account, storage::Role role,
                                           std::optional<std::string> system_user, std::string actor);
    /// Records an undertaking or a training of that day, with where it can be found. `invalid_input` for what
    /// is no day, or one that is still to come.
    boost::asio::awaitable<Status> record(storage::LearnerId account, storage::StaffEventKind kind,
                                          std::string day, std::string evidence, std::string actor);

    boost::asio::awaitable<Result<StaffStanding>> standing(storage::LearnerId account);
    /// Whoever acts as `account:ID` or `system:NAME` and may do this. `denied` for nobody, and where a name
    /// of the operating system is several people's.
    boost::asio::awaitable<Result<StaffStanding>> find_acting(std::string actor, Permission permission);
    /// Everybody with a role.
    boost::asio::awaitable<Result<std::vector<StaffStanding>>> list();

    /// Opens what the account's role may see of a person, named by address, id or an order's number; the
    /// access log is written in the same transaction. `denied` without a role in effect, and for somebody
    /// whose data are only kept (Art. 18 GDPR) but for roles that see to that; `not_found` for nobody;
    /// `invalid_input` without a reason.
    boost::asio::awaitable<Result<PersonRecord>> open_record(storage::LearnerId account, std::string whom,
                                                             std::string reason);

    /// Who of the staff has opened something of this person's, newest first. The person is shown the role,
    /// not who it was: Art. 15 GDPR gives them when and what for, and the names of those who acted on the
    /// operator's behalf only where their rights need them (CJEU, C-579/21).
    boost::asio::awaitable<Result<std::vector<storage::Access>>> list_accesses(storage::SubjectId subject,
                                                                               int limit);
    /// Of everybody, for whoever reviews them.
    boost::asio::awaitable<Result<std::vector<storage::Access>>> list_all_accesses(storage::Timestamp since,
                                                                                   int limit);

    /// What somebody has to see to: one sentence each, for the log and for the staff.
    boost::asio::awaitable<Result<std::vector<std::string>>> list_reminders();

  private:
    StaffStanding load_standing(storage::Transaction& tx, const storage::Learner& account) const;
    std::vector<StaffStanding> load_all(storage::Transaction& tx) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    const std::function<settings::Staff()> rules_;
};

/// What an account is called in the access log.
std::string actor_of(const storage::LearnerId& account);

}  // namespace calyptenora::platform
