#pragma once

#include "storage/key_store.hpp"
#include "storage/transaction.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the append-only ledgers share: in each ledger every subject has a hash chain of its own, whose rows
/// are numbered from 1 and hold the hash of the row before. The head (how many, last hash) is kept apart
/// under a seal that the database cannot compute, so that altered, removed, reordered and cut-off rows are
/// all found. Private to the ledgers, except for LedgerBreak.
namespace calyptenora::storage {

enum class Ledger : unsigned char { consents, disclosures };
BOOST_DESCRIBE_ENUM(Ledger, consents, disclosures)

/// One place where a ledger is not what was written.
struct LedgerBreak {
    Ledger ledger;
    SubjectId subject;
    /// The row's number; 0 if the head is concerned.
    std::int64_t sequence;
    /// `altered`, `missing`, `out of order`, `cut off`, `head missing`, `head altered`.
    std::string what;
    bool operator==(const LedgerBreak&) const = default;
};

struct ChainHead {
    std::int64_t count = 0;
    std::string hash;
};

/// A row as verification sees it.
struct ChainRow {
    std::int64_t sequence;
    std::string previous_hash;
    std::string hash;
    /// All columns that the hash covers, in the order in which they were written.
    std::vector<std::string> fields;
};

/// BLAKE2b over the number, the hash before and all fields, each with its length.
std::string make_link(std::int64_t sequence, std::string_view previous_hash,
                      std::span<const std::string> fields);

/// The head, kept from other writers until the transaction ends.
ChainHead lock_chain_head(Transaction& tx, Ledger ledger, const SubjectId& subject);
void store_chain_head(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger, const SubjectId& subject,
                      const ChainHead& head);

/// Compares rows (in ascending order of their numbers) with each other and with the head.
std::vector<LedgerBreak> verify_chain(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                                      const SubjectId& subject, std::span<const ChainRow> rows);

}  // namespace calyptenora::storage
