#pragma once

#include "gate/choices.hpp"
#include "gate/gate.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/sessions.hpp"

#include <calyptenora/families/auth.hpp>

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

/// Who is looking at a page: somebody with an account, or a guest who has made a choice. A visitor without a
/// session is no Viewer.
struct Viewer {
    storage::Session session;
    std::optional<storage::Learner> learner;  ///< Absent for a guest.
    DisplayName display_name;
    EmailAddress email;

    const storage::SubjectId& subject() const { return session.subject; }
    bool is_guest() const { return !learner; }
};

/// What a request says about the device it came from; kept no longer than the call it serves.
struct RequestFacts {
    std::string ip_address = {};
    std::string user_agent = {};
    std::string language = {};  ///< `de` or `en`.
    bool privacy_control = false;
};

/// Somebody who wants an account. `password` is a secret input: wiped when this dies with its call.
struct SignUp {
    std::string display_name;
    std::string email;
    std::string password;
    /// For somebody too young to consent alone; see minors.hpp.
    std::optional<std::string> guardian_needed_until = {};
};

struct SessionLimits {
    std::chrono::hours idle{24 * 14};
    std::chrono::hours absolute{24 * 60};
};

/// Why a sign-in or sign-up did not happen, for the page to choose its words by.
enum class AccountProblem : unsigned char {
    wrong_credentials,  ///< Also for an address that nobody has.
    too_many_attempts,
    weak_password,
    name_missing,
    email_invalid,
    email_taken,
    unavailable,  ///< The plugin does not answer: fails closed.
};

/// A new session's token, for the cookie; or what is wrong.
struct AccountOutcome {
    std::optional<std::string> token;
    std::optional<AccountProblem> problem;
    std::optional<std::chrono::seconds> retry_after;
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

    /// Where this person is signed in, newest first.
    boost::asio::awaitable<Result<std::vector<storage::Session>>> list_sessions(storage::SubjectId subject);
    /// When a browser of this person last asked for privacy (Global Privacy Control).
    boost::asio::awaitable<Result<std::optional<storage::Timestamp>>> privacy_control_seen(
        storage::SubjectId subject);

    boost::asio::awaitable<Status> sign_out(storage::SubjectId subject, storage::SessionId session);

    /// Who has this session token; nothing for an unknown or expired one, or when it cannot be read.
    boost::asio::awaitable<std::optional<Viewer>> find_viewer(std::string token);

    /// A session for a visitor who makes a choice without an account; yields its token.
    boost::asio::awaitable<Result<std::pair<std::string, storage::SubjectId>>> open_guest(RequestFacts facts);

    /// For `user add`: an account for somebody else. `conflict` if the address has one, `invalid_input` for a
    /// weak password.
    boost::asio::awaitable<Result<storage::LearnerId>> add(SignUp person, std::string language);

    boost::asio::awaitable<Status> set_language(storage::SubjectId subject, std::string language);

    /// Remembers that the browser of this person asks for privacy.
    boost::asio::awaitable<void> note_privacy_control(storage::SubjectId subject);

  private:
    struct Created {
        std::optional<storage::LearnerId> learner;
        AccountOutcome outcome;
    };

    boost::asio::awaitable<Created> create(SignUp person, std::string language);
    boost::asio::awaitable<Result<auth::Step>> resume(auth::Intent intent,
                                                      std::optional<storage::SubjectId> subject,
                                                      std::string secret, const RequestFacts& facts);
    boost::asio::awaitable<Result<std::string>> open_session(storage::SubjectId subject,
                                                             const RequestFacts& facts,
                                                             std::optional<storage::SubjectId> guest);
    const gate::InstancePolicy* auth_instance(const gate::Policy& policy) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    gate::Choices& choices_;
    SessionLimits limits_;
};

/// Whether a text can be an e-mail address at all (RFC 5321 lengths, one `@`, a dot in the domain, no
/// blanks).
bool is_email_address(std::string_view text);

}  // namespace calyptenora::platform
