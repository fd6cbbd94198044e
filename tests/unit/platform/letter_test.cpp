#include "platform/letters/letter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using testing::HasSubstr;
using testing::Not;
using web::Language;

// 2026-12-24T12:00:00Z
constexpr auto christmas_eve = storage::Timestamp(std::chrono::microseconds(1'798'113'600'000'000));
const LetterHead head{"Lernhaus", "https://lms.example", "Lernhaus e. V.", "kontakt@lms.example",
                      Language::de};

web::Translations texts(web::AddressForm form = web::AddressForm::sie) {
    return web::Translations::load(CALYPTENORA_SOURCE_DIR "/core/web/texts", form).value();
}

TEST(Letter, OfAChangeSaysWhenAndWhere) {
    const auto all = texts();
    const auto german = write_policy_change({3, christmas_eve, true}, web::Words(all, Language::de), head);
    EXPECT_EQ(german.subject, "Lernhaus: Änderung unserer Datenschutzhinweise");
    EXPECT_THAT(german.text, testing::StartsWith("Guten Tag,\n\nzum 24. Dezember 2026 ändern sich"));
    for (const auto* part :
         {"https://lms.example/privacy-notice/versions/3\n", "https://lms.example/privacy\n",
          "Lernhaus e. V., kontakt@lms.example\n", "https://lms.example/imprint\n"})
        EXPECT_THAT(german.text, HasSubstr(part));
    const auto english = write_policy_change({3, christmas_eve, true}, web::Words(all, Language::en), head);
    EXPECT_THAT(english.text, HasSubstr("changes on 24 December 2026"));
    const auto made = write_policy_change({3, christmas_eve, false}, web::Words(all, Language::en), head);
    EXPECT_THAT(made.text, HasSubstr("changed on 24 December 2026"));
}

TEST(Letter, OfARequestSaysOnlyThatThereIsNews) {
    for (const auto language : web::languages) {
        const auto all = texts();
        const auto letter = write_discreet_news(LetterKind::request_news, web::Words(all, language), head);
        EXPECT_THAT(letter.text, HasSubstr("https://lms.example/account/data\n"));
        for (const auto* word : {"Kopie", "copy", "Löschung", "erasure", "erased", "Auskunft", "access"})
            EXPECT_THAT(letter.subject + letter.text, Not(HasSubstr(word)));
    }
}

TEST(Letter, OfNewsEndsThemWithOneAddress) {
    const storage::Announcement news{.id = storage::AnnouncementId::make(),
                                     .course = {},
                                     .de = {},
                                     .en = storage::AnnouncementText{"New courses", "There are three."},
                                     .made_at = christmas_eve,
                                     .shown_until = christmas_eve,
                                     .is_news = true};
    const auto all = texts();
    for (const auto language : web::languages) {
        const web::Words words(all, language);
        const auto letter = write_news(news, "secret", words, head);
        EXPECT_EQ(letter.unsubscribe, "https://lms.example/unsubscribe?token=secret");
        EXPECT_THAT(letter.text,
                    testing::AllOf(HasSubstr("There are three."), HasSubstr(letter.unsubscribe)));
        EXPECT_EQ(write_announcement(news, words, head).unsubscribe, "");
        const auto question = write_account_letter(LetterKind::confirm_news, "secret", words, head);
        EXPECT_THAT(question.text, HasSubstr("https://lms.example/news/confirm?token=secret\n"));
    }
}

TEST(Letter, AboutACourseDoesNotSayWhich) {
    const storage::Announcement about_a_course{.id = storage::AnnouncementId::make(),
                                               .course = "python",
                                               .de = {},
                                               .en = storage::AnnouncementText{"Loops", "Read them again."},
                                               .made_at = christmas_eve,
                                               .shown_until = christmas_eve};
    auto to_all = about_a_course;
    to_all.course.reset();
    const auto all = texts();
    for (const auto language : web::languages) {
        const web::Words words(all, language);
        const auto letter = write_announcement(about_a_course, words, head);
        EXPECT_THAT(letter.text, HasSubstr("https://lms.example/notifications\n"));
        for (const auto* word : {"Loops", "again", "python"})
            EXPECT_THAT(letter.subject + letter.text, Not(HasSubstr(word)));
        const auto open = write_announcement(to_all, words, head);
        EXPECT_EQ(open.subject, "Lernhaus: Loops") << "in the language that there is";
        EXPECT_THAT(open.text, HasSubstr("Read them again.\n"));
        EXPECT_THAT(open.text, HasSubstr("https://lms.example/notifications\n"));
    }
}

TEST(Letter, SpeaksToPeopleAsThePagesDo) {
    const auto du = texts(web::AddressForm::du);
    const auto letter = write_discreet_news(LetterKind::request_news, web::Words(du, Language::de), head);
    EXPECT_THAT(letter.text, HasSubstr("zu deinem Anliegen"));
    EXPECT_THAT(letter.text, Not(HasSubstr("Ihrem")));
}

TEST(Letter, IsPlainTextThatNeedsNoTricks) {
    const auto all = texts();
    for (const auto language : web::languages)
        for (const auto& letter :
             {write_discreet_news(LetterKind::request_news, web::Words(all, language), head),
              write_policy_change({3, christmas_eve, true}, web::Words(all, language), head)}) {
            EXPECT_THAT(letter.subject, Not(HasSubstr("\n")));
            for (const auto* mark : {"<", "**", "{", "]("})
                EXPECT_THAT(letter.subject + letter.text, Not(HasSubstr(mark)));
        }
}

TEST(Letter, KindsHaveNamesInTheOutbox) {
    for (const auto kind : {LetterKind::policy_changed, LetterKind::request_news}) {
        EXPECT_EQ(find_letter_kind(operation_of(kind)), kind);
        EXPECT_EQ(purpose_of(kind), Purpose::essential_legal_obligation);
    }
    EXPECT_EQ(operation_of(LetterKind::policy_changed), "letter.policy_changed");
    for (const auto* other : {"letter.", "letter.unknown", "policy_changed", "deliver"})
        EXPECT_EQ(find_letter_kind(other), std::nullopt) << other;
}

}  // namespace
}  // namespace calyptenora::platform
