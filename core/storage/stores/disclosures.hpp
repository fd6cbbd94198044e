#pragma once

#include "storage/stores/ledger_chain.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The disclosure ledger: what left, to whom, for what, how it ended. Append-only, one hash chain for each
/// subject. Two-phase: `attempted` is committed before the first byte leaves; each first write, and how it
/// ended, is a row of its own after that. Rows hold no values, only a commitment to them. Callers: gate,
/// host's egress broker through the gate.
namespace calyptenora::storage {

enum class DisclosureKind : unsigned char { attempted, outcome };
BOOST_DESCRIBE_ENUM(DisclosureKind, attempted, outcome)

struct Disclosure {
    DisclosureId id;
    SubjectId subject;
    DisclosureKind kind;
    /// Joins `attempted` with its outcomes.
    CallId call_id;
    /// `family/name`; `authority/ID` of what a law demanded.
    std::string instance;
    /// The recipient's name at that time.
    std::string recipient;
    Purpose purpose;
    /// `family.operation`.
    std::string operation;
    /// What the bytes held. Text in the row: keys, separated by commas, in the order of the vocabulary.
    CategoryMask categories;
    /// The host that the broker connected to; empty before that, or if nothing left the machine.
    std::string host;
    /// FieldCipher::commitment of the bytes; empty for an outcome.
    std::string commitment;
    /// Of an outcome: `sent`, `refused`, `failed`, ... ; empty for an attempt.
    std::string outcome;
    Timestamp at;
};

namespace disclosures {

/// Appends to the subjects' chains, in the order given. Chains are extended in ascending order of subject, so
/// that two batches never wait for each other in a circle.
void append(Transaction& tx, const ServiceSecrets& secrets, std::span<const Disclosure> rows);

/// What is known about one subject's data, newest first.
std::vector<Disclosure> list(Transaction& tx, const SubjectId& subject, int limit);
/// One call's rows, oldest first.
std::vector<Disclosure> list_call(Transaction& tx, const CallId& call);
/// Whom something of the subject was ever sent to. An authority that demanded it by law is no recipient that
/// is told, or asked, of it later (Art. 4(9) GDPR): list_sent() and list_all_recipients() alone have it.
struct Recipient {
    std::string instance;
    std::string recipient;  ///< Of its names, the last in the order of text.
    long long attempts;
    Timestamp last_at;
};
std::vector<Recipient> list_recipients(Transaction& tx, const SubjectId& subject);
/// What was sent of a person's, also while a guest, newest first; of one instance, or of all if it is empty.
std::vector<Disclosure> list_sent(Transaction& tx, const SubjectId& subject, std::string_view instance,
                                  int limit, int offset);
/// The same, to whom and how often.
std::vector<Recipient> list_all_recipients(Transaction& tx, const SubjectId& subject);
/// Attempts before `before` without any outcome: the process ended in between. Their fate is unknown, and
/// said so.
std::vector<Disclosure> list_unsettled(Transaction& tx, Timestamp before, int limit);

/// What the chain covers of a row, in the order of ChainRow::fields.
inline constexpr std::array<std::string_view, 13> chain_fields{
    "id",        "subject",    "kind", "call_id",    "instance", "recipient", "purpose",
    "operation", "categories", "host", "commitment", "outcome",  "at"};
/// The subject's chain, oldest first, as it stands in the database.
std::vector<ChainRow> list_chain(Transaction& tx, const SubjectId& subject);

/// Breaks in the chain of one subject, or of all.
std::vector<LedgerBreak> verify(Transaction& tx, const ServiceSecrets& secrets, const SubjectId& subject);
std::vector<LedgerBreak> verify_all(Transaction& tx, const ServiceSecrets& secrets);

}  // namespace disclosures
}  // namespace calyptenora::storage
