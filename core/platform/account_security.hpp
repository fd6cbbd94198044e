#pragma once

#include "gate/gate.hpp"
#include "platform/account_mail.hpp"
#include "platform/sign_in_plugin.hpp"
#include "storage/database.hpp"
#include "storage/stores/account_events.hpp"
#include "storage/stores/sessions.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

/// What keeps an account its owner's: a confirmed address, the password, the sessions, and a record of what
/// happened.
namespace calyptenora::platform {

/// What the owner of an account sees of it.
struct AccountState {
    std::optional<storage::Timestamp> email_confirmed_at;
    /// An address that waits to be confirmed, and until when its link works.
    std::optional<gate::Personal<Category::user_contact_email, std::string>> awaited_email;
    storage::Timestamp awaited_until{};
    std::vector<storage::Session> sessions;     ///< Newest first.
    std::vector<storage::AccountEvent> events;  ///< Newest first; the latest of them.
};

class AccountSecurity {
  public:
    AccountSecurity(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate)
        : database_(database), cipher_(cipher), gate_(gate), plugin_(gate), mail_(cipher, gate) {}

    /// Whether the platform can send links at all.
    bool mail_is_on() const { return mail_.is_on(); }

    boost::asio::awaitable<Result<AccountState>> state(storage::LearnerId learner);

    /// Sends the link once more to the address that waits to be confirmed. `conflict` if none does.
    boost::asio::awaitable<Status> confirm_again(storage::LearnerId learner);
    /// Whether a link from a mail still works.
    boost::asio::awaitable<bool> works(std::string token, storage::LinkKind kind);
    /// By the link: the address is the account's, and confirmed. Problems: `link_expired`, and `email_taken`
    /// if somebody else has come first.
    boost::asio::awaitable<AccountOutcome> confirm(std::string token, RequestFacts facts);
    /// Takes the password first. Where mail is on, the new address holds once it is confirmed; else at once.
    boost::asio::awaitable<AccountOutcome> change_email(storage::LearnerId learner, std::string password,
                                                        std::string email, RequestFacts facts);

    /// Other sessions end, and the one that asked goes on under a new token.
    boost::asio::awaitable<AccountOutcome> change_password(storage::Session session, std::string current,
                                                           std::string chosen, RequestFacts facts);
    /// Sends a link to whoever has this address. Takes equally long, and says nothing, whether anybody has.
    boost::asio::awaitable<void> forgot_password(std::string email, RequestFacts facts);
    /// By the link: all sessions end, and the new password is the one to sign in with. Problems:
    /// `link_expired`, `weak_password`, with which the link still works.
    boost::asio::awaitable<AccountOutcome> reset_password(std::string token, std::string chosen,
                                                          RequestFacts facts);

    boost::asio::awaitable<Status> end_session(storage::LearnerId learner, storage::SessionId session,
                                               RequestFacts facts);
    boost::asio::awaitable<Status> end_other_sessions(storage::Session kept, RequestFacts facts);

    /// "That was not me", by the link from a mail: all sessions end, the password works no more, a changed
    /// address is put back. Yields the token of a link to choose a new password by; `not_found` for a link
    /// that does not work.
    boost::asio::awaitable<Result<std::string>> disown(std::string token, RequestFacts facts);
    /// The same by whoever is signed in; the link to choose a new password by is sent. `unsupported` where it
    /// could not be: no mail, or no confirmed address.
    boost::asio::awaitable<Status> disown_signed_in(storage::LearnerId learner, RequestFacts facts);

  private:
    /// Nobody can get in any more who was in.
    void lock_out(storage::Transaction& tx, const storage::LearnerId& learner,
                  const RequestFacts& facts) const;
    void note(storage::Transaction& tx, const storage::LearnerId& learner, storage::AccountEventKind kind,
              const RequestFacts& facts) const;
    Status set_email(storage::Transaction& tx, const storage::LearnerId& learner, const std::string& email,
                     const RequestFacts& facts) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    SignInPlugin plugin_;
    AccountMail mail_;
};

}  // namespace calyptenora::platform
