#pragma once

#include "storage/clock.hpp"

#include <calyptenora/families/operation.hpp>

#include <optional>
#include <string>
#include <vector>

/// Who else has something about a learner, and what came of asking them.
namespace calyptenora::platform {

/// What one recipient answered to `export_subject`.
struct RecipientAnswer {
    std::string instance;   ///< `family/name`.
    std::string person;     ///< Whom it was asked about: the account, or a guest before.
    std::string recipient;  ///< Who that is, in words.
    std::optional<SubjectOutcome> outcome;
    std::string reason;  ///< Why there is no outcome, in the learner's language.
};

/// A recipient as the export shows it: one for each name under which it knows the learner.
struct ExportedRecipient {
    RecipientAnswer answer;
    bool asked = false;
    std::string pseudonym;   ///< What the person is called there.
    bool is_account = true;  ///< Or a guest before.
    long long sent = 0;      ///< How often something was sent, by the ledger.
    std::optional<storage::Timestamp> last_at;

    /// `answered`, `unanswered` or `not_asked`.
    std::string_view status() const {
        return !asked ? "not_asked" : answer.outcome ? "answered" : "unanswered";
    }
    /// The file with the answer, in the archive; empty without one.
    std::string file() const;
    /// The document of that recipient: in its file, and in data.json.
    std::string to_json() const;
};

}  // namespace calyptenora::platform
