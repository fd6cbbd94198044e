#pragma once

#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <optional>

/// Whoever personal data is about. Callers: platform (sign-up, sign-in, first choice of a guest), gate
/// (lock).
namespace calyptenora::storage {

enum class SubjectKind : unsigned char { guest, learner };
BOOST_DESCRIBE_ENUM(SubjectKind, guest, learner)

struct Subject {
    SubjectId id;
    SubjectKind kind;
    Timestamp created_at;
    Timestamp last_seen_at;
    /// When this guest or learner last sent `Sec-GPC: 1`, to within five minutes.
    std::optional<Timestamp> gpc_seen_at;
    /// The account that a guest signed in to.
    std::optional<SubjectId> merged_into;
    std::optional<Timestamp> erased_at;
};

namespace subjects {

/// A learner's row is made by `learners::insert`. Call `KeyStore::create` first.
void insert(Transaction& tx, const SubjectId& id, SubjectKind kind, Timestamp now);

std::optional<Subject> find(Transaction& tx, const SubjectId& id);

/// Everything that changes what is known or allowed about one subject begins with this: it makes other
/// transactions that do the same wait until this one ends. `not_found` if there is no such subject.
Status lock(Transaction& tx, const SubjectId& id);
/// The same for what must not come after an erasure: `not_found` also for a subject who was erased.
Status lock_unless_erased(Transaction& tx, const SubjectId& id);

void touch(Transaction& tx, const SubjectId& id, Timestamp now);

/// Remembers that the browser sent Global Privacy Control.
void record_gpc(Transaction& tx, const SubjectId& id, Timestamp now);

/// A guest signed in. What carries over is the caller's business (consent.md, rule 15).
void merge_guest(Transaction& tx, const SubjectId& guest, const SubjectId& account);

}  // namespace subjects
}  // namespace calyptenora::storage
