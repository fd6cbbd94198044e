#pragma once

#include "gate/gate.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/transaction.hpp"
#include "web/words.hpp"

#include <boost/describe/enum.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

/// The core's own letters: what there is to be written, and to whom. They wait in the outbox under
/// settings::core_mail_id(); Letters sends them.
namespace calyptenora::platform {

enum class LetterKind : unsigned char {
    /// A material change of the privacy notice is announced. Parameter `version`.
    policy_changed,
    /// Something about one of the person's requests can be read now; the letter does not say what, and one
    /// that waits already says as much.
    request_news,
};
BOOST_DESCRIBE_ENUM(LetterKind, policy_changed, request_news)

/// What a letter of this kind serves: the row of the policy by which it leaves.
Purpose purpose_of(LetterKind kind);
/// The kind as the outbox names it: `letter.policy_changed`.
std::string operation_of(LetterKind kind);
std::optional<LetterKind> find_letter_kind(std::string_view operation);

/// What a kind needs to be written, as its line says. No address and no name: those are looked up when it is
/// sent. Sealed under the person's key.
using LetterParameters = std::map<std::string, std::string>;

/// Has a letter written to an account, in the transaction of what it tells about. Nothing waits if the core
/// sends no mail, if the gate refuses it now, or for somebody whose key is gone.
Status queue_letter(storage::Transaction& tx, const storage::FieldCipher& cipher, const gate::Gate& gate,
                    const storage::LearnerId& learner, LetterKind kind,
                    const LetterParameters& parameters = {});

/// Who writes.
struct LetterHead {
    std::string platform;
    std::string origin;  ///< `https://lms.example`.
    std::string operator_name;
    std::string operator_email;
    web::Language default_language = web::Language::de;
};

struct LetterText {
    std::string subject;
    std::string text;
};

/// What a letter about a change of the privacy notice says.
struct PolicyChange {
    std::int64_t version;
    storage::Timestamp effective_at;
    bool is_ahead;  ///< It is not in force yet.
};
LetterText write_policy_change(const PolicyChange& change, const web::Words& words, const LetterHead& head);
LetterText write_request_news(const web::Words& words, const LetterHead& head);

}  // namespace calyptenora::platform
