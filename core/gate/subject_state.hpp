#pragma once

#include "gate/decide.hpp"
#include "gate/policy.hpp"
#include "storage/clock.hpp"
#include "storage/ids.hpp"
#include "storage/stores/learners.hpp"
#include "storage/transaction.hpp"

/// Reads from the database what decide() must know about a person.
namespace calyptenora::gate {

/// What holds for one person and one flow, inside the transaction. A person who is not there, or whose
/// consent cannot be understood, is unreadable: nothing is sent.
SubjectState read_subject_state(storage::Transaction& tx, const storage::SubjectId& subject,
                                const PolicyFlow& flow, storage::Timestamp now);

/// Whether somebody is under the age of Article 8 GDPR.
bool needs_guardian(const storage::Learner& learner, storage::Timestamp now);

/// Whether the person (or a guardian) has closed the flow after `since`, even if it is open again: what
/// happened before is not sent any more (consent.md rule 6).
bool was_closed_since(storage::Transaction& tx, const storage::SubjectId& subject, const PolicyFlow& flow,
                      storage::Timestamp since);

/// Whether the person's browser has asked for Global Privacy Control.
bool asks_for_privacy(storage::Transaction& tx, const storage::SubjectId& subject);

}  // namespace calyptenora::gate
