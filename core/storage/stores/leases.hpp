#pragma once

#include "storage/transaction.hpp"

#include <set>
#include <span>
#include <string_view>
#include <vector>

/// Emission leases: how a withdrawal knows that nothing is on its way out any more (architecture, section 6).
///
/// The emitter   1. commits `grant` for all subjects of the emission, in a transaction of its own;
///               2. *then*, in another transaction, reads consent and decides;
///               3. writes its first byte, unless the lease has run out meanwhile (`expires_at`, with a
///               margin);
///               4. commits `release`.
/// A withdrawal  1. commits the consent change;
///               2. *then*, in another transaction, calls `list_held`;
///               3. repeats `list_remaining` with those ids until none is left;
///               4. answers.
/// Either the emitter's lease is there when the withdrawal looks, so that it waits; or it is not, and then
/// the emitter's reading of consent comes after the withdrawal's commit, so that it sees it. Both must be
/// separate transactions. Release wakes waiters of the same process through the caller's own signal; those of
/// other nodes poll.
namespace calyptenora::storage {

struct Lease {
    LeaseId id;
    SubjectId subject;
    Timestamp expires_at;
};

namespace leases {

/// One lease for each subject.
std::vector<Lease> grant(Transaction& tx, const std::set<SubjectId>& subjects, std::string_view node,
                         Timestamp now, std::chrono::microseconds duration);

void release(Transaction& tx, std::span<const Lease> leases);

/// Leases of the subject that have not run out.
std::vector<Lease> list_held(Transaction& tx, const SubjectId& subject, Timestamp now);
/// Those of `waited_for` that are neither released nor run out.
std::vector<Lease> list_remaining(Transaction& tx, std::span<const Lease> waited_for, Timestamp now);

/// Deletes what ran out before. Returns how many.
long long sweep(Transaction& tx, Timestamp expired_before);

}  // namespace leases
}  // namespace calyptenora::storage
