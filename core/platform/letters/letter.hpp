#pragma once

#include "gate/gate.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/announcements.hpp"
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
    /// A link that confirms an address. Parameters `to`, `token`.
    confirm_email,
    /// A link to choose a new password by. Parameter `token`.
    reset_password,
    /// Somebody has signed in from a browser that is not known. Parameter `token`, as of the next two, of a
    /// link for somebody who says "that was not me".
    new_sign_in,
    password_changed,
    /// Goes to the address that was: parameter `to`.
    email_changed,
    /// A question has been answered; said as `request_news` says it.
    case_answered,
    /// Parameter `announcement`. What only those hear who take a course is not said: that they take it is
    /// nothing that the mail's carriers need to know.
    announcement,
    /// A link that subscribes to news. Parameters `to`, `token`. Says nothing that advertises.
    confirm_news,
    /// Parameter `announcement`.
    news,
};
BOOST_DESCRIBE_ENUM(LetterKind, policy_changed, request_news, confirm_email, reset_password, new_sign_in,
                    password_changed, email_changed, case_answered, announcement, confirm_news, news)

/// Whether it also goes to an address of which nobody knows yet that it is the account holder's: only what
/// shows just that.
bool goes_unconfirmed(LetterKind kind);

/// What a letter of this kind serves: the row of the policy by which it leaves.
Purpose purpose_of(LetterKind kind);
/// The kind as the outbox names it: `letter.policy_changed`.
std::string operation_of(LetterKind kind);
std::optional<LetterKind> find_letter_kind(std::string_view operation);

/// What a kind needs to be written, as its line says. Not the account's address and name: those are looked
/// up when it is sent. Sealed under the person's key.
using LetterParameters = std::map<std::string, std::string>;

/// Has a letter written to an account, in the transaction of what it tells about. Nothing waits if the core
/// sends no mail, if the address is not confirmed, if the gate refuses it now, or for somebody whose key is
/// gone.
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
    std::string unsubscribe = {};  ///< An address; see gate::LetterRecord.
};

/// What a letter about a change of the privacy notice says.
struct PolicyChange {
    std::int64_t version;
    storage::Timestamp effective_at;
    bool is_ahead;  ///< It is not in force yet.
};
LetterText write_policy_change(const PolicyChange& change, const web::Words& words, const LetterHead& head);
/// A letter about the account itself; `token` is that of the link in it.
LetterText write_account_letter(LetterKind kind, const std::string& token, const web::Words& words,
                                const LetterHead& head);
/// There is something to be read: `request_news` or `case_answered`.
LetterText write_discreet_news(LetterKind kind, const web::Words& words, const LetterHead& head);
LetterText write_announcement(const storage::Announcement& announcement, const web::Words& words,
                              const LetterHead& head);
/// `token` ends the subscription (see unsubscribing.hpp).
LetterText write_news(const storage::Announcement& announcement, const std::string& token,
                      const web::Words& words, const LetterHead& head);

}  // namespace calyptenora::platform
