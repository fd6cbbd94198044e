#pragma once

#include "platform/staff/staff.hpp"
#include "storage/stores/legal_demands.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <vector>

/// What authorities demand by law: entered, assessed, released by somebody else, and told to the person as
/// soon as the law allows.
namespace calyptenora::platform {

/// For so long at most the notice is deferred before somebody looks at it again.
constexpr std::chrono::days longest_deferral{183};

/// The file that was made of a demand.
struct HandedFile {
    CategoryMask categories;                        ///< Of which there is something in it.
    std::string digest;                             ///< SHA-256.
    std::optional<storage::Timestamp> assessed_at;  ///< Of the assessment by which it was made.
};

/// All of it is written in the chains of a subject that stands for the person (storage::LegalDemand). As long
/// as the notice is deferred, that subject is nobody's, so that no page, copy or proof of the person's shows
/// anything; then it is joined to the account as a guest's is, and all of them do. That a person is not told
/// rests on section 33(1) no. 2(b) with section 34(1) no. 1 BDSG (Art. 23 GDPR), or on the law or order that
/// the ground of the deferral names.
///
/// Of a demand about themselves nobody of the staff finds anything. `actor` is as in storage::Access; each
/// call is `denied` to whoever may not do it by their role (permissions.hpp).
class LegalDemands {
  public:
    LegalDemands(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
                 Staff& staff)
        : database_(database), cipher_(cipher), clock_(clock), staff_(staff) {}

    /// `invalid_input` for texts that are missing or too long, days that are none or in the wrong order,
    /// nothing that is asked for, and a deferral without ground or beyond longest_deferral; `not_found` for
    /// nobody.
    boost::asio::awaitable<Result<storage::LegalDemandId>> enter(storage::LegalDemand demand,
                                                                 std::string actor);
    /// Of `part` a scope within what was asked for; of the others it is ignored. Can be repeated until it is
    /// settled.
    boost::asio::awaitable<Status> assess(storage::LegalDemandId id, storage::DemandDecision decision,
                                          std::string reason, storage::DemandScope scope, std::string actor);

    /// Opens the record for whoever makes the file, and yields what may go into it. `denied` for whoever
    /// entered or assessed the demand; `conflict` if there is nothing to release.
    boost::asio::awaitable<Result<storage::LegalDemand>> open_for_release(storage::LegalDemandId id,
                                                                          std::string actor);
    /// The file is made and may be handed over afterwards: it is in the disclosure ledger. Refuses as
    /// open_for_release() does, and what was assessed anew meanwhile.
    boost::asio::awaitable<Status> release(storage::LegalDemandId id, HandedFile file, std::string actor);

    /// The person must not know for longer. `conflict` if they may already.
    boost::asio::awaitable<Status> defer(storage::LegalDemandId id, std::string until, std::string ground,
                                         std::string actor);
    /// The deferral ends, and the person is told once the demand is settled. `conflict` before its day, but
    /// for a reason.
    boost::asio::awaitable<Status> end_deferral(storage::LegalDemandId id, std::string reason,
                                                std::string actor);

    /// Opens the record: it says about whom it is.
    boost::asio::awaitable<Result<storage::LegalDemand>> open(storage::LegalDemandId id, std::string reason,
                                                              std::string actor);
    /// Newest first.
    boost::asio::awaitable<Result<std::vector<storage::LegalDemand>>> list(int limit);
    /// For the person: those of which they were told.
    boost::asio::awaitable<Result<std::vector<storage::LegalDemand>>> list_told(storage::LearnerId learner);

    /// What has to be done by when, one sentence each.
    boost::asio::awaitable<Result<std::vector<std::string>>> list_reminders();

  private:
    template <class Change>
    boost::asio::awaitable<Result<storage::LegalDemand>> change(storage::LegalDemandId id,
                                                                Permission permission, std::string actor,
                                                                Change change);
    /// Who looks at what, before it is shown.
    Status log_look(storage::Transaction& tx, const storage::LegalDemand& demand, const StaffStanding& who,
                    const std::string& actor, std::string reason) const;
    Status check_deferral(const std::string& until, const std::string& ground) const;
    /// From now on the person sees it.
    void join(storage::Transaction& tx, const storage::LegalDemand& demand) const;
    /// Told at once what is settled, unless that is deferred.
    void tell_if_due(storage::LegalDemand& demand) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    Staff& staff_;
};

}  // namespace calyptenora::platform
