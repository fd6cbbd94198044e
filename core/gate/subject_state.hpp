#pragma once

#include "gate/decide.hpp"
#include "gate/policy.hpp"
#include "storage/clock.hpp"
#include "storage/ids.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/persons.hpp"
#include "storage/transaction.hpp"

#include <optional>
#include <vector>

/// Reads from the database what decide() must know about a person.
namespace calyptenora::gate {

/// One person as the database knows them inside the transaction. Read once, since every page asks about every
/// flow.
class SubjectFacts {
  public:
    /// For any flow.
    SubjectFacts(storage::Transaction& tx, const storage::SubjectId& subject);
    SubjectFacts(storage::Transaction& tx, storage::Person person);
    /// For this one only.
    SubjectFacts(storage::Transaction& tx, const storage::SubjectId& subject, const PolicyFlow& flow);

    /// What decide() must know. A person who is not there, or whose consent cannot be understood, is
    /// unreadable: nothing is sent.
    SubjectState state_for(const PolicyFlow& flow, storage::Timestamp now) const;
    /// Whether data would flow if they consented to it now.
    bool would_flow(const PolicyFlow& flow, storage::Timestamp now) const;
    /// What they have chosen; nullptr if nothing.
    const storage::Consent* find_consent(const PolicyFlow& flow) const;
    /// Whether the person's browser has asked for Global Privacy Control.
    bool asks_for_privacy() const { return person_ && person_->subject.gpc_seen_at; }

  private:
    SubjectFacts(storage::Transaction& tx, std::optional<storage::Person> person,
                 std::vector<storage::Consent> consents);

    storage::Transaction& tx_;
    std::optional<storage::Person> person_;
    std::vector<storage::Consent> consents_;
    std::vector<storage::consents::Objection> objections_;
};

/// Whether somebody is under the age of Article 8 GDPR.
bool needs_guardian(const storage::Learner& learner, storage::Timestamp now);

/// Whether the person (or a guardian) has closed the flow after `since`, even if it is open again: what
/// happened before is not sent any more (consent.md rule 6).
bool was_closed_since(storage::Transaction& tx, const storage::SubjectId& subject, const PolicyFlow& flow,
                      storage::Timestamp since);

}  // namespace calyptenora::gate
