#pragma once

#include "gate/gate.hpp"
#include "platform/letters/letter.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/account_links.hpp"
#include "storage/transaction.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// What an account's owner is told by mail, and the links in it. Within the transaction of what it tells
/// about. Where the core sends no mail, nothing is made.
namespace calyptenora::platform {

/// How long a link of this kind works.
constexpr std::chrono::hours lifetime_of(storage::LinkKind kind) {
    switch (kind) {
        case storage::LinkKind::reset_password:
            return std::chrono::hours(1);
        case storage::LinkKind::not_me:
            return std::chrono::days(7);
        case storage::LinkKind::confirm_email:
        case storage::LinkKind::confirm_news:
            break;
    }
    return std::chrono::hours(24);
}

/// Makes a link that works once and yields its token. Confirmations and resets made before work no more.
Result<std::string> make_link(storage::Transaction& tx, const storage::FieldCipher& cipher,
                              storage::Timestamp now, const storage::LearnerId& learner,
                              storage::LinkKind kind, std::optional<std::string> email = {});

class AccountMail {
  public:
    AccountMail(const storage::FieldCipher& cipher, const gate::Gate& gate) : cipher_(cipher), gate_(gate) {}

    /// Whether the core sends such mail at all.
    bool is_on() const;

    /// A link to `email` that confirms it as the address of this account.
    Status ask_to_confirm(storage::Transaction& tx, const storage::LearnerId& learner,
                          const std::string& email) const;
    /// A link to `email` that subscribes this account to news.
    Status ask_to_confirm_news(storage::Transaction& tx, const storage::LearnerId& learner,
                               const std::string& email) const;
    /// A link with which a new password can be chosen.
    Status send_reset(storage::Transaction& tx, const storage::LearnerId& learner) const;
    /// Somebody has signed in from a browser that is not known here.
    Status tell_new_sign_in(storage::Transaction& tx, const storage::LearnerId& learner) const;
    Status tell_password_changed(storage::Transaction& tx, const storage::LearnerId& learner) const;
    /// Goes to the address that was; whose owner can have it put back.
    Status tell_email_changed(storage::Transaction& tx, const storage::LearnerId& learner,
                              const std::string& old_email) const;

  private:
    Status send(storage::Transaction& tx, const storage::LearnerId& learner, LetterKind kind,
                storage::LinkKind link, const std::optional<std::string>& email, bool to_email) const;

    const storage::FieldCipher& cipher_;
    const gate::Gate& gate_;
};

}  // namespace calyptenora::platform
