#pragma once

#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/incidents.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <vector>

/// Personal data breaches: recorded, counted from the ledgers, told in time (Art. 33 and 34 GDPR).
namespace calyptenora::platform {

/// Art. 33(1): where feasible, the supervisory authority is told within this time of becoming aware.
constexpr std::chrono::hours time_to_tell{72};

/// An incident and how many people it concerns.
struct IncidentView {
    storage::Incident incident;
    std::vector<storage::AffectedPerson> people;

    storage::Timestamp due_at() const { return incident.aware_at + time_to_tell; }
    /// Whether the authority has to be told and has not been; as long as the risk is not assessed, it counts.
    bool authority_waits() const;
    bool people_wait() const;
};

/// Whom a notice is for.
enum class Audience : unsigned char {
    authority,  ///< Art. 33(3) GDPR.
    people,     ///< Art. 34(2) GDPR.
};
BOOST_DESCRIBE_ENUM(Audience, authority, people)

class Incidents {
  public:
    Incidents(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock)
        : database_(database), cipher_(cipher), clock_(clock) {}

    /// Records one, and computes whom it concerns. `invalid_input` for texts that are missing or too long,
    /// times that are still to come or in the wrong order, or when neither a recipient nor a member of the
    /// staff is named.
    boost::asio::awaitable<Result<IncidentView>> open(storage::Incident incident);
    boost::asio::awaitable<Status> assess(storage::IncidentId id, storage::Risk risk,
                                          std::string consequences, std::string measures);
    /// It went on until then, or goes on; find() says whom it concerns by then. `invalid_input` for a time
    /// that is to come, or before the one that is recorded.
    boost::asio::awaitable<Status> extend(storage::IncidentId id, storage::Timestamp ended_at);
    /// That they were told, with what shows it.
    boost::asio::awaitable<Status> told(storage::IncidentId id, Audience whom, std::string evidence);
    /// `conflict` while the risk is not assessed, or somebody still has to be told.
    boost::asio::awaitable<Status> close(storage::IncidentId id);

    /// Computes anew whom it concerns, while it is open. `not_found` for none.
    boost::asio::awaitable<Result<IncidentView>> find(storage::IncidentId id);
    /// Newest first.
    boost::asio::awaitable<Result<std::vector<IncidentView>>> list(int limit);

    /// What has to be done by when, one sentence each.
    boost::asio::awaitable<Result<std::vector<std::string>>> list_reminders();

  private:
    template <class Change>
    boost::asio::awaitable<Status> change(storage::IncidentId id, Change change);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
};

}  // namespace calyptenora::platform
