#pragma once

#include "storage/stores/ledger_chain.hpp"
#include "storage/transaction.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

/// The signed chain of heads. Each checkpoint commits, by the root of a hash tree, to the heads that have
/// moved since the checkpoint before; holds the hash of that one; and is signed with the installation's
/// Ed25519 key. Whoever keeps a checkpoint elsewhere (a witness file) can tell later whether the ledgers were
/// rolled back or rewritten, even by somebody who holds all keys.
///
/// A batch of what has moved, and not a tree of all heads each time: its cost follows what was written,
/// however many people there are; nobody has to wait for a lock on everything; and an old checkpoint goes on
/// proving what was there on its day. The price: that a head has not moved since is shown by the ledger, not
/// by the newest checkpoint alone.
///
/// Nothing in a checkpoint tells of a person: it holds how many heads have moved, and a root. The tree's
/// leaves hide their heads under a salt each (make_leaf_salt), and stand in the order of their hashes, so
/// that neither they nor their places say whose they are. When a chain's time is over, its entries' columns
/// can be emptied but for `leaf`, and the tree still stands.
///
/// Callers: gate (takes them), cli (verifies, exports).
namespace calyptenora::storage {

struct Checkpoint {
    std::int64_t sequence = 0;
    /// Microseconds since 1970, UTC.
    std::int64_t at = 0;
    /// How many heads the tree holds.
    std::int64_t heads = 0;
    std::string root;
    /// Of the checkpoint before; empty for the first.
    std::string previous_hash;
    std::string signature;
    bool operator==(const Checkpoint&) const = default;
};
BOOST_DESCRIBE_STRUCT(Checkpoint, (), (sequence, at, heads, root, previous_hash, signature))

/// What is signed, and what `previous_hash` is the hash of.
std::string make_signed_text(const Checkpoint& checkpoint);

/// Where the chain of heads is not what was written.
struct CheckpointBreak {
    std::int64_t checkpoint;
    /// The entry that is concerned, as it stands: `consents SUBJECT 3`. Empty for the checkpoint itself.
    std::string entry;
    /// `altered`, `missing`, `out of order`, `an entry is missing`, `an entry too many`, `other entries`; and
    /// compared with a witness `missing, the witness holds it`, `not the one that the witness holds`,
    /// `signed with another key than the witness names`.
    std::string what;
    bool operator==(const CheckpointBreak&) const = default;
};

/// Where a head stands in the tree of a checkpoint, and what leads up to its root.
struct Inclusion {
    Checkpoint checkpoint;
    std::int64_t count = 0;
    std::string hash;
    std::string salt;
    std::int64_t index = 0;
    std::vector<std::string> path;
};
BOOST_DESCRIBE_STRUCT(Inclusion, (), (checkpoint, count, hash, salt, index, path))

namespace checkpoints {

/// Whether there is something that no checkpoint covers.
bool is_due(Transaction& tx);

/// How many heads no checkpoint covers.
std::int64_t count_due(Transaction& tx);

/// Takes one over at most `limit` heads, so that other writers do not wait for long; nothing if nothing is
/// due. A head whose seal does not fit is left out: what somebody forged is not signed.
std::optional<Checkpoint> take(Transaction& tx, const ServiceSecrets& secrets, Timestamp now,
                               int limit = 2000);

/// In ascending order, from after this number.
std::vector<Checkpoint> list(Transaction& tx, std::int64_t after = 0);
std::optional<Checkpoint> find(Transaction& tx, std::int64_t sequence);
std::optional<Checkpoint> find_newest(Transaction& tx);

/// The newest that holds this chain's head.
std::optional<Inclusion> find_inclusion(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                                        const SubjectId& subject);

/// Breaks in the chain of heads itself. That chains are what it holds, their own `verify` finds out.
std::vector<CheckpointBreak> verify(Transaction& tx, const ServiceSecrets& secrets);

}  // namespace checkpoints
}  // namespace calyptenora::storage
