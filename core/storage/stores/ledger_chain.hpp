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
/// all found. Checkpoints (checkpoints.hpp) commit to the heads in turn. Private to the ledgers, except for
/// LedgerBreak.
namespace calyptenora::storage {

enum class Ledger : unsigned char { consents, disclosures, accesses };
BOOST_DESCRIBE_ENUM(Ledger, consents, disclosures, accesses)

/// One place where a ledger is not what was written.
struct LedgerBreak {
    Ledger ledger;
    SubjectId subject;
    /// The row's number; 0 if the head is concerned.
    std::int64_t sequence;
    /// Of a row: `altered`, `missing`, `out of order`, `cut off`, `inserted`, `rewritten` (it, or one before
    /// it), `not what checkpoint N holds`, `not in its checkpoint`. Of a head: `head missing`,
    /// `head altered`.
    std::string what;
    bool operator==(const LedgerBreak&) const = default;
};

struct ChainHead {
    std::int64_t count = 0;
    std::string hash;
    /// How many rows a checkpoint covers.
    std::int64_t covered = 0;
    /// Whether it was found as we had sealed it. One that was not is never sealed again, so that no later row
    /// and no checkpoint hides what was done to it.
    bool is_sealed = true;
};

/// A row as verification sees it. All text, so that it also meets values that no number or enumeration has.
struct ChainRow {
    std::string sequence;
    std::string previous_hash;
    std::string hash;
    /// All columns that the hash covers, in the order in which they were written.
    std::vector<std::string> fields;
};

/// BLAKE2b over the number, the hash before and all fields, each with its length.
std::string make_link(std::string_view sequence, std::string_view previous_hash,
                      std::span<const std::string> fields);

/// The head, kept from other writers until the transaction ends.
ChainHead lock_chain_head(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                          const SubjectId& subject);
void store_chain_head(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger, const SubjectId& subject,
                      const ChainHead& head);

struct UncoveredHead {
    Ledger ledger;
    SubjectId subject;
    ChainHead head;
};
/// Heads with rows that no checkpoint covers, kept from other writers until the transaction ends. Leaves out
/// those that a writer holds now; they are the next checkpoint's.
std::vector<UncoveredHead> lock_uncovered_heads(Transaction& tx, const ServiceSecrets& secrets, int limit);
/// Says of heads that are kept from others that a checkpoint covers all of their rows.
void cover_chain_heads(Transaction& tx, const ServiceSecrets& secrets, std::span<UncoveredHead> heads);

/// A head as a checkpoint holds it, all text. `leaf` is what the checkpoint's tree is made of.
struct CheckpointEntry {
    std::string checkpoint;
    std::string ledger;
    std::string subject;
    std::string count;
    std::string hash;
    std::string leaf;
};
/// Random to everybody without the key, and told in the proof for this entry only: without it nobody tries
/// out whose leaf one is.
std::string make_leaf_salt(const ServiceSecrets& secrets, const CheckpointEntry& entry);
std::string make_leaf(std::string_view salt, const CheckpointEntry& entry);

/// Compares rows (in ascending order of their numbers) with each other, with the head, and with the
/// checkpoints' entries.
std::vector<LedgerBreak> verify_chain(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                                      const SubjectId& subject, std::span<const ChainRow> rows);

/// The number that a row has or, if it was altered into no number, begins with.
std::int64_t leading_number(std::string_view text);

/// Calls `report(n)` for each number from `first` to before `end`, and after many for the last of them only:
/// one altered digit can make a gap of billions.
template <class Report>
void report_gap(std::int64_t first, std::int64_t end, Report report) {
    constexpr std::int64_t most = 100;
    for (auto number = first; number < end; ++number) {
        if (number - first == most)
            number = end - 1;
        report(number);
    }
}

}  // namespace calyptenora::storage
