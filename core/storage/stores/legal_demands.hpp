#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/vocabulary.hpp>

#include <optional>
#include <string>
#include <vector>

/// What authorities demand by law: who asks on which ground for what, what was decided, what was handed over,
/// and from when on the person may know. Caller: platform.
namespace calyptenora::storage {

using LegalDemandId = Id<struct LegalDemandTag>;

enum class DemandDecision : unsigned char { full, part, refused };
BOOST_DESCRIBE_ENUM(DemandDecision, full, part, refused)

/// Which data, and of which days (ISO 8601, both included); an open end is no limit.
struct DemandScope {
    CategoryMask categories = {};
    std::optional<std::string> from = {};
    std::optional<std::string> until = {};

    bool is_within(const DemandScope& wider) const;
    bool operator==(const DemandScope&) const = default;
};

struct LegalDemand {
    LegalDemandId id = LegalDemandId::make();
    /// Stands for the person here and in the ledgers, as a guest does, until it is joined to the account.
    SubjectId subject = SubjectId::make();
    LearnerId learner;
    std::string authority;  ///< The recipient.
    std::string address;
    std::string reference;  ///< Of the authority's file.
    std::string ground;     ///< The norm, or the court's order.
    DemandScope asked;
    std::string received_on;  ///< Days are ISO 8601.
    std::string due_on;
    Timestamp entered_at = {};
    std::string entered_by = {};  ///< As actors in Access, and always an account.

    std::optional<DemandDecision> decision = {};
    std::string decision_reason = {};
    DemandScope granted = {};
    std::optional<Timestamp> assessed_at = {};
    std::string assessed_by = {};

    std::optional<Timestamp> released_at = {};
    std::string released_by = {};
    std::optional<CallId> call = {};  ///< In the disclosure ledger.
    std::string digest = {};          ///< SHA-256 of the file that was made.

    std::optional<std::string> deferred_until = {};  ///< The day on which it has to be looked at again.
    std::string deferral_ground = {};
    std::optional<Timestamp> deferral_ended_at = {};
    std::string deferral_end = {};  ///< Why before its day.
    std::optional<Timestamp> told_at = {};

    bool is_settled() const { return released_at || decision == DemandDecision::refused; }
    /// Whether the person must not know of it yet.
    bool is_deferred() const { return deferred_until && !deferral_ended_at; }
};

namespace legal_demands {

void insert(Transaction& tx, const FieldCipher& cipher, const LegalDemand& demand);
/// Everything but what is demanded, by whom and about whom.
void update(Transaction& tx, const FieldCipher& cipher, const LegalDemand& demand);
std::optional<LegalDemand> find(Transaction& tx, const FieldCipher& cipher, const LegalDemandId& id);
/// The same, kept from other writers until the transaction ends.
std::optional<LegalDemand> lock(Transaction& tx, const FieldCipher& cipher, const LegalDemandId& id);
/// Newest first.
std::vector<LegalDemand> list(Transaction& tx, const FieldCipher& cipher, int limit);
/// Those of which the person was told, newest first.
std::vector<LegalDemand> list_told(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner);

}  // namespace legal_demands
}  // namespace calyptenora::storage
