#pragma once

#include "storage/field_cipher.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/ledger_chain.hpp"
#include "storage/transaction.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The access log: who of the staff opened what is kept about a person, when and why. Append-only, one hash
/// chain for each person, like the disclosure ledger; it holds no values of what was seen. Caller: gate,
/// which lets nothing be shown to staff before its row is written; platform, to show it.
namespace calyptenora::storage {

using AccessId = Id<struct AccessTag>;

/// What of a person's was opened.
enum class AccessedPart : unsigned char {
    record,        ///< The account, with what was learnt, ordered and asked.
    copy,          ///< Everything, as an archive.
    declarations,  ///< About contracts.
    requests,      ///< Which requests are open (Art. 15 to 21 GDPR).
    decision,      ///< What the gate would decide, and why.
    guardian,      ///< What a guardian allows.
    ledgers,       ///< The rows of the ledgers.
    demand,        ///< What an authority demands by law, or is handed.
};
BOOST_DESCRIBE_ENUM(AccessedPart, record, copy, declarations, requests, decision, guardian, ledgers, demand)

struct Access {
    AccessId id;
    SubjectId subject;
    /// `account:ID` of the staff, or `system:NAME` of the operating system's users.
    std::string actor;
    /// In which they did it.
    Role role{};
    AccessedPart part{};
    /// In their words.
    std::string reason;
    Timestamp at;
};

namespace accesses {

/// Appends to the chains of the people concerned, in ascending order of subject.
void append(Transaction& tx, const FieldCipher& cipher, std::span<const Access> rows);

/// Also of the guest that the person was before; newest first.
std::vector<Access> list(Transaction& tx, const FieldCipher& cipher, const SubjectId& subject, int limit);
/// Of everybody from `since` on, newest first.
std::vector<Access> list_all(Transaction& tx, const FieldCipher& cipher, Timestamp since, int limit);

/// What the chain covers of a row, in the order of ChainRow::fields. The actor as it is sealed.
inline constexpr std::array<std::string_view, 7> chain_fields{"id",   "subject", "actor_enc", "role",
                                                              "part", "reason",  "at"};
/// The subject's chain, oldest first, as it stands in the database.
std::vector<ChainRow> list_chain(Transaction& tx, const SubjectId& subject);

/// Breaks in the chain of one subject, or of all.
std::vector<LedgerBreak> verify(Transaction& tx, const ServiceSecrets& secrets, const SubjectId& subject);
std::vector<LedgerBreak> verify_all(Transaction& tx, const ServiceSecrets& secrets);

}  // namespace accesses
}  // namespace calyptenora::storage
