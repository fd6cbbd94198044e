#pragma once

#include "gate/choices.hpp"
#include "gate/gate.hpp"
#include "platform/account_mail.hpp"
#include "platform/sign_in_plugin.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/sessions.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Accounts and sessions: who somebody is. Passwords belong to the plugin that checks them; here they only
/// pass through.
namespace calyptenora::platform {

using DisplayName = gate::Personal<Category::user_name, std::string>;
using EmailAddress = gate::Personal<Category::user_contact_email, std::string>;

/// Somebody who wants an account. The password goes to the plugin and is kept nowhere else.
struct SignUp {
    std::string display_name;
    std::string email;
    std::string password;
    /// For somebody too young to consent alone; see minors.hpp.
    std::optional<std::string> guardian_needed_until = {};
    std::optional<std::int64_t> terms = {};  ///< The version of the terms of use that they accept.
    bool email_is_confirmed = false;         ///< Whoever opens the account knows that the address is theirs.
};

struct SessionLimits {
    std::chrono::hours idle{24 * 14};
    std::chrono::hours absolute{24 * 60};
};

class Accounts {
  public:
    Accounts(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
             gate::Choices& choices, SessionLimits limits = {});

    /// Opens an account and signs in. The guest's refusals and withdrawals carry over.
    boost::asio::awaitable<AccountOutcome> sign_up(SignUp person, RequestFacts facts,
                                                   std::optional<storage::SubjectId> guest);

    /// Signs in. An unknown address takes the same way, and as long, as a wrong password.
    boost::asio::awaitable<AccountOutcome> sign_in(std::string email, std::string password,
                                                   RequestFacts facts,
                                                   std::optional<storage::SubjectId> guest);

    /// Whether it is still the same person: checks the password of somebody who is signed in. An outcome
    /// without problem, and without token, if it is right.
    boost::asio::awaitable<AccountOutcome> check_password(storage::SubjectId subject, std::string password,
                                                          RequestFacts facts);

    /// When a browser of this person last asked for privacy (Global Privacy Control).
    boost::asio::awaitable<Result<std::optional<storage::Timestamp>>> privacy_control_seen(
        storage::SubjectId subject);

    boost::asio::awaitable<Status> sign_out(storage::SubjectId subject, storage::SessionId session);

    /// A session for a visitor who makes a choice without an account; yields its token.
    boost::asio::awaitable<Result<std::pair<std::string, storage::SubjectId>>> open_guest(RequestFacts facts);

    /// For `user add`: an account for somebody else. `conflict` if the address has one, `invalid_input` for a
    /// weak password.
    boost::asio::awaitable<Result<storage::LearnerId>> add(SignUp person, std::string language);

    boost::asio::awaitable<Status> set_language(storage::SubjectId subject, std::string language);

  private:
    struct Created {
        std::optional<storage::LearnerId> learner;
        AccountOutcome outcome;
    };

    boost::asio::awaitable<Created> create(SignUp person, std::string language);
    /// How somebody came in.
    enum class Entry : unsigned char { guest, opened, signed_in };
    boost::asio::awaitable<Result<std::string>> open_session(storage::SubjectId subject,
                                                             const RequestFacts& facts,
                                                             std::optional<storage::SubjectId> guest,
                                                             Entry entry);
    Status note_entry(storage::Transaction& tx, const storage::LearnerId& learner, const std::string& browser,
                      Entry entry) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    gate::Choices& choices_;
    SessionLimits limits_;
    SignInPlugin plugin_;
    AccountMail mail_;
};

/// Whether a text can be an e-mail address at all (RFC 5321 lengths, one `@`, a dot in the domain, no
/// blanks).
bool is_email_address(std::string_view text);

}  // namespace calyptenora::platform
