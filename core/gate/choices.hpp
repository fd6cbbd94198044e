#pragma once

#include "gate/gate.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/tombstones.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

/// People's choices: recorded with proof, in force when the answer goes out.
namespace calyptenora::gate {

class SubjectFacts;

/// One choice as a person made it.
struct Choice {
    settings::InstanceId instance;
    Purpose purpose;
    bool allowed = false;
};

/// Whose word a choice is.
enum class Chooser : unsigned char {
    person,
    guardian,  ///< Of a minor (Art. 8(1) GDPR): stands beside what the minor chooses; data need both.
};

/// Under which circumstances choices were made; becomes part of the proof (consent.md rule 11).
struct ChoiceContext {
    storage::ConsentOrigin origin = storage::ConsentOrigin::account;
    std::string language = {};
    std::string action = {};          ///< "dialog_refuse_all", "privacy_page", ...
    std::string shown_text = {};      ///< The exact text and choices that were shown.
    std::string notice_version = {};  ///< Of the privacy notice in force.
    /// How long what is allowed holds, if shorter than usual ("play once").
    std::optional<std::chrono::seconds> validity = {};
    Chooser chooser = Chooser::person;
    /// Asked in the transaction once the person is locked; its error is the answer, and nothing is recorded.
    std::function<Status(storage::Transaction&)> condition = {};
};

/// How long choices hold.
struct ChoiceDurations {
    std::chrono::days consent{180};
    std::chrono::days refusal{180};
};

/// One line of the privacy page and of the consent dialog.
struct Standing {
    const PolicyFlow* row;  ///< Belongs to the policy it was asked with.
    ConsentState state = ConsentState::unknown;
    std::optional<storage::Timestamp> changed_at = {};
    std::optional<storage::Timestamp> expires_at = {};
    bool asked = false;    ///< A choice is missing, has expired, or was made for narrower terms: ask.
    bool flowing = false;  ///< Data may flow now: decide()'s answer for the flow as a whole.
    bool guardian_missing = false;  ///< Held back for want of a guardian's consent, maybe of more.
};

/// Everything that rests on a person's choice, in the order of the policy.
std::vector<Standing> list_standings(const SubjectFacts& facts, const Policy& policy, storage::Timestamp now,
                                     bool privacy_control);

class Choices {
  public:
    Choices(storage::Database& database, const storage::FieldCipher& cipher, Gate& gate, PluginPort& plugins,
            ChoiceDurations durations);

    /// Records choices. When this returns, they are in force: for each flow that was closed, what was queued
    /// is dropped, live calls are cancelled, and no request that carries this person's data begins any more,
    /// on any node (architecture section 6). That takes as long as the emissions that had begun before, and
    /// at most `lease_time`, even if the database cannot be read meanwhile. `invalid_input` for a flow that
    /// asks nobody, and for a guardian of somebody who needs none.
    boost::asio::awaitable<Status> record(storage::SubjectId subject, std::vector<Choice> choices,
                                          ChoiceContext context);

    /// Ends what was allowed, also of a flow that the policy has no more, so that it does not come back with
    /// it. In force when this returns. Whoever has allowed nothing is as well; `not_found` for somebody who
    /// was erased.
    boost::asio::awaitable<Status> withdraw(storage::SubjectId subject, settings::InstanceId instance,
                                            Purpose purpose, ChoiceContext context);

    /// Something else was committed that may close flows of this person: an objection, a restriction, an
    /// erasure. When this returns it is in force, as with record(); what could not be read counts as closed.
    boost::asio::awaitable<void> enforce(storage::SubjectId subject);

    /// See list_standings.
    boost::asio::awaitable<Result<std::vector<Standing>>> standing(std::shared_ptr<const Policy> policy,
                                                                   storage::SubjectId subject,
                                                                   bool privacy_control = false);

    /// A guest has signed in: refusals and withdrawals carry over where the account has made no choice;
    /// grants never do.
    boost::asio::awaitable<Status> carry_over(storage::SubjectId guest, storage::SubjectId account,
                                              ChoiceContext context);

  private:
    /// What waits is dropped, and the withdrawal outlives backups.
    Status close(storage::Transaction& tx, const storage::Tombstone& stone) const;
    boost::asio::awaitable<void> await_emissions(const storage::SubjectId& subject,
                                                 storage::Timestamp committed_at);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    Gate& gate_;
    PluginPort& plugins_;
    ChoiceDurations durations_;
};

/// Whether a flow asks the person at all.
bool asks(const PolicyFlow& row);

/// Whether consent to a flow is given by a link that was sent to the address (double opt-in), so that no
/// dialog asks for it and no switch turns it on. Of the core's own news only.
bool opts_in_by_mail(const PolicyFlow& row);

}  // namespace calyptenora::gate
