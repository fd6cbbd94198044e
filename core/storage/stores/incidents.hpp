#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/vocabulary.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Personal data breaches (Art. 33 and 34 GDPR): what happened, who is affected by the ledgers, whom we have
/// told. Caller: platform.
namespace calyptenora::storage {

using IncidentId = Id<struct IncidentTag>;

/// For the rights and freedoms of the affected.
enum class Risk : unsigned char {
    unlikely,  ///< Nobody need be told (Art. 33(1)).
    risk,      ///< The supervisory authority.
    high,      ///< The affected as well (Art. 34(1)).
};
BOOST_DESCRIBE_ENUM(Risk, unlikely, risk, high)

struct Incident {
    IncidentId id;
    std::string title;             ///< Short; the affected read it, too.
    std::string nature;            ///< What happened (Art. 33(3)(a)).
    std::string instance = {};     ///< `family/name` whose recipient it concerns; empty: none.
    std::string actor = {};        ///< As in Access, whose looks it concerns; empty: nobody's.
    CategoryMask categories = {};  ///< Empty: all.
    Timestamp began_at;
    Timestamp ended_at;
    Timestamp aware_at;  ///< From here the 72 hours run.
    Timestamp recorded_at;
    std::optional<Risk> risk = {};  ///< Not assessed yet.
    std::string consequences = {};  ///< Art. 33(3)(c).
    std::string measures = {};      ///< Art. 33(3)(d).
    std::optional<Timestamp> authority_told_at = {};
    std::string authority_evidence = {};
    std::optional<Timestamp> people_told_at = {};
    std::string people_evidence = {};
    std::optional<Timestamp> closed_at = {};
};

/// Somebody whose data it concerns.
struct AffectedPerson {
    SubjectId subject;
    long long records;  ///< Rows of the ledgers.
};

namespace incidents {

void insert(Transaction& tx, const FieldCipher& cipher, const Incident& incident);
/// Everything but what happened, to whom, since when, and when it became known.
void update(Transaction& tx, const Incident& incident);
std::optional<Incident> find(Transaction& tx, const FieldCipher& cipher, const IncidentId& id);
/// Newest first.
std::vector<Incident> list(Transaction& tx, const FieldCipher& cipher, int limit);

/// Computes from the ledgers whose data it concerns, and keeps it; what was kept before goes. Of an instance:
/// everybody of whom something had gone there by the end of the incident; of an actor: whoever was looked at
/// from its beginning to its end. Yields how many people.
long long recount(Transaction& tx, const FieldCipher& cipher, const Incident& incident);
std::vector<AffectedPerson> list_people(Transaction& tx, const IncidentId& id);

}  // namespace incidents
}  // namespace calyptenora::storage
