#include "settings/core_mail.hpp"

#include <gtest/gtest.h>

namespace calyptenora::settings {
namespace {

Mail mail() {
    Mail mail{.host = "smtp.example",
              .port = 465,
              .username = "",
              .password = {},
              .from = "a@lms.example",
              .from_name = "",
              .recipient = {},
              .retention_days = std::chrono::days(14)};
    mail.recipient.legal_name = "Post GmbH";
    return mail;
}

TEST(CoreMail, IsDescribedLikeAPlugin) {
    const auto core = describe_core_mail(mail());
    EXPECT_EQ(core.instance.id, core_mail_id());
    EXPECT_EQ(core.instance.state, InstanceState::on);
    EXPECT_EQ(core.instance.recipient->legal_name, "Post GmbH");
    EXPECT_EQ(core.configuration.egress, (std::vector<HostPort>{{"smtp.example", 465}}));
    std::vector<std::pair<Purpose, LegalBasis>> purposes;
    for (const auto& purpose : core.configuration.purposes) {
        purposes.emplace_back(purpose.purpose, purpose.legal_basis);
        EXPECT_EQ(purpose.retention_days, std::chrono::days(14));
        EXPECT_EQ(purpose.granted(),
                  CategoryMask(Category::user_contact_email) | Category::user_account_settings)
            << "no name, and nothing about what people do";
        for (const auto& field : purpose.fields)
            EXPECT_FALSE(field.why.de.empty() || field.why.en.empty());
    }
    EXPECT_EQ(purposes, (std::vector<std::pair<Purpose, LegalBasis>>{
                            {Purpose::essential_legal_obligation, LegalBasis::legal_obligation},
                            {Purpose::essential_service_authentication, LegalBasis::contract},
                            {Purpose::essential_service_operations_support, LegalBasis::contract}}));
    EXPECT_FALSE(core.manifest.source_text.empty()) << "proofs name it by its hash";
}

TEST(CoreMail, AsksForConsentToNewsWhereTheOperatorSendsAny) {
    auto with_news = mail();
    with_news.news = true;
    const auto core = describe_core_mail(with_news);
    ASSERT_EQ(core.configuration.purposes.size(), 4U);
    EXPECT_EQ(core.configuration.purposes.back().purpose, Purpose::marketing_communications_email);
    EXPECT_EQ(core.configuration.purposes.back().legal_basis, LegalBasis::consent);
    EXPECT_NE(core.manifest.source_text, describe_core_mail(mail()).manifest.source_text);
}

}  // namespace
}  // namespace calyptenora::settings
