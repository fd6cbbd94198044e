#include "settings/core_mail.hpp"

namespace calyptenora::settings {
namespace {

ManifestPurpose writing_for(Purpose purpose, LegalBasis basis, const Mail& mail) {
    return {.purpose = purpose,
            .legal_basis = basis,
            .device_access = std::nullopt,
            .cookie_category = std::nullopt,
            .retention_days = mail.retention_days,
            .fields = {needed_field(Category::user_contact_email,
                                    {.de = "Dorthin geht die E-Mail.", .en = "It is where the mail goes."}),
                       needed_field(Category::user_account_settings,
                                    {.de = "Nur die Sprache: In ihr ist die E-Mail geschrieben.",
                                     .en = "Only the language: the mail is written in it."})}};
}

/// What laws want people to be told: changes of the privacy notice (Art. 12 to 14 GDPR) and what becomes of
/// their requests (Art. 12(3)).
ManifestPurpose telling_by_law(const Mail& mail) {
    return writing_for(Purpose::essential_legal_obligation, LegalBasis::legal_obligation, mail);
}

/// Whose account it is: links that confirm an address or set a new password, and word of sign-ins and changes
/// (Art. 6(1)(b) GDPR).
ManifestPurpose keeping_accounts(const Mail& mail) {
    return writing_for(Purpose::essential_service_authentication, LegalBasis::contract, mail);
}

/// What somebody has asked, and what they need to know to learn here (Art. 6(1)(b) GDPR); each can do
/// without.
ManifestPurpose keeping_informed(const Mail& mail) {
    return writing_for(Purpose::essential_service_operations_support, LegalBasis::contract, mail);
}

/// Advertising, for who has asked for it (Art. 6(1)(a) GDPR, section 7(2) UWG).
ManifestPurpose sending_news(const Mail& mail) {
    return writing_for(Purpose::marketing_communications_email, LegalBasis::consent, mail);
}

}  // namespace

OwnUse describe_core_mail(const Mail& mail) {
    Manifest manifest(core_mail_id());
    manifest.summary = {
        .de = "E-Mails der Plattform selbst: rund um das Konto, Ankündigungen und Neues zu Anliegen",
        .en = "the platform's own mail: about the account, announcements, and news about requests"};
    manifest.mail = true;
    manifest.purposes = {telling_by_law(mail), keeping_accounts(mail), keeping_informed(mail)};
    if (mail.news)
        manifest.purposes.push_back(sending_news(mail));
    auto use = put_in_force({.id = core_mail_id(), .state = InstanceState::on, .recipient = mail.recipient},
                            manifest);
    use.configuration.egress = {{mail.host, mail.port}};
    return use;
}

}  // namespace calyptenora::settings
