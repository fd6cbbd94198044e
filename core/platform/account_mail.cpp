#include "platform/account_mail.hpp"

namespace calyptenora::platform {
namespace account_links = storage::account_links;
using storage::LinkKind;

Result<std::string> make_link(storage::Transaction& tx, const storage::FieldCipher& cipher,
                              storage::Timestamp now, const storage::LearnerId& learner, LinkKind kind,
                              std::optional<std::string> email) {
    // Each "that was not me" is about something of its own.
    if (kind != LinkKind::not_me)
        account_links::withdraw(tx, learner, kind);
    auto token = account_links::make_token();
    const auto made = account_links::insert(tx, cipher,
                                            {.id = storage::AccountLinkId::make(),
                                             .token_hash = account_links::token_hash(token),
                                             .learner = learner,
                                             .kind = kind,
                                             .created_at = now,
                                             .expires_at = now + lifetime_of(kind),
                                             .email = std::move(email)});
    if (!made)
        return made.error();
    return token;
}

bool AccountMail::is_on() const {
    return gate_.policy()->find_flow(settings::core_mail_id(), purpose_of(LetterKind::confirm_email)) !=
           nullptr;
}

Status AccountMail::send(storage::Transaction& tx, const storage::LearnerId& learner, LetterKind kind,
                         LinkKind link, const std::optional<std::string>& email, bool to_email) const {
    if (!is_on())
        return {};
    auto token = make_link(tx, cipher_, gate_.clock().now(), learner, link, email);
    if (!token)
        return token.error();
    LetterParameters parameters{{"token", std::move(*token)}};
    if (to_email)
        parameters["to"] = *email;
    return queue_letter(tx, cipher_, gate_, learner, kind, parameters);
}

Status AccountMail::ask_to_confirm(storage::Transaction& tx, const storage::LearnerId& learner,
                                   const std::string& email) const {
    return send(tx, learner, LetterKind::confirm_email, LinkKind::confirm_email, email, true);
}

Status AccountMail::ask_to_confirm_news(storage::Transaction& tx, const storage::LearnerId& learner,
                                        const std::string& email) const {
    return send(tx, learner, LetterKind::confirm_news, LinkKind::confirm_news, email, true);
}

Status AccountMail::send_reset(storage::Transaction& tx, const storage::LearnerId& learner) const {
    return send(tx, learner, LetterKind::reset_password, LinkKind::reset_password, std::nullopt, false);
}

Status AccountMail::tell_new_sign_in(storage::Transaction& tx, const storage::LearnerId& learner) const {
    return send(tx, learner, LetterKind::new_sign_in, LinkKind::not_me, std::nullopt, false);
}

Status AccountMail::tell_password_changed(storage::Transaction& tx, const storage::LearnerId& learner) const {
    return send(tx, learner, LetterKind::password_changed, LinkKind::not_me, std::nullopt, false);
}

Status AccountMail::tell_email_changed(storage::Transaction& tx, const storage::LearnerId& learner,
                                       const std::string& old_email) const {
    return send(tx, learner, LetterKind::email_changed, LinkKind::not_me, old_email, true);
}

}  // namespace calyptenora::platform
