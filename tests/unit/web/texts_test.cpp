#include "unit/web/view_samples.hpp"
#include "web/template_source.hpp"
#include "web/translations.hpp"
#include "web/view.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace calyptenora::web {
namespace {

class Texts : public testing::TestWithParam<AddressForm> {
  protected:
    Texts() {
        auto loaded = Translations::load(test::source_folder() / "core/web/texts", GetParam());
        if (!loaded)
            throw std::runtime_error(loaded.error().message);
        texts_ = std::move(*loaded);
    }

    /// All texts of a language, with X for each placeholder.
    std::vector<std::pair<std::string, std::string>> all(Language language) const {
        std::vector<std::pair<std::string, std::string>> list;
        for (const auto& key : texts_.keys()) {
            const auto* text = texts_.find_text(language, key);
            for (const auto& form : {text->one, text->other})
                if (!form.empty())
                    list.emplace_back(key, std::regex_replace(form, std::regex("\\{[^}]*\\}"), "X"));
        }
        return list;
    }

    Translations texts_;
};

TEST_P(Texts, AreCalmAndTypographic) {
    for (const auto language : languages)
        for (const auto& [key, text] : all(language)) {
            SCOPED_TRACE(key + ": " + text);
            EXPECT_EQ(text.find('!'), std::string::npos);
            EXPECT_EQ(text.find('"'), std::string::npos);
            EXPECT_EQ(text.find('\''), std::string::npos);
            EXPECT_EQ(text.find("..."), std::string::npos);
            EXPECT_EQ(text.find("  "), std::string::npos);
        }
}

TEST_P(Texts, GermanIsFairWithoutSpecialCharacters) {
    const std::regex special("[a-zäöü][*:_/]innen|[a-zäöü][*:_/]in\\b|[a-zäöü]Innen\\b");
    for (const auto& [key, text] : all(Language::de))
        EXPECT_FALSE(std::regex_search(text, special)) << key << ": " << text;
    EXPECT_TRUE(std::regex_search("Nutzer*innen", special));
    EXPECT_TRUE(std::regex_search("NutzerInnen", special));
}

TEST_P(Texts, GermanQuotesAreGerman) {
    for (const auto& [key, text] : all(Language::de)) {
        EXPECT_EQ(text.find("”"), std::string::npos) << key;
        EXPECT_EQ(text.find("„") == std::string::npos, text.find("“") == std::string::npos) << key;
    }
    for (const auto& [key, text] : all(Language::en))
        EXPECT_EQ(text.find("„"), std::string::npos) << key;
}

TEST_P(Texts, FormsOfAddressAreNotMixed) {
    const std::regex informal("(^|[^a-zäöüß])([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein(e[mnrs]?)?)([^a-zäöüß]|$)");
    const std::regex formal("(^|[^A-Za-zäöüß])(Ihnen|Ihr(e[mnrs]?)?)([^a-zäöüß]|$)|[a-z] Sie([^a-zäöüß]|$)");
    for (const auto& [key, text] : all(Language::de))
        EXPECT_FALSE(std::regex_search(text, GetParam() == AddressForm::du ? formal : informal))
            << key << ": " << text;
}

TEST_P(Texts, SayNothingThatAdvertisersSay) {
    const std::regex phrases("cookies to|value your privacy|Privatsphäre ist uns wichtig|\\b(Oops|Ups)\\b",
                             std::regex::icase);
    for (const auto language : languages)
        for (const auto& [key, text] : all(language))
            EXPECT_FALSE(std::regex_search(text, phrases)) << key;
    EXPECT_TRUE(std::regex_search("Ups, das ging schief", phrases)) << "the control";
    EXPECT_FALSE(std::regex_search("As long as backups are kept", phrases));
}

INSTANTIATE_TEST_SUITE_P(Forms, Texts, testing::Values(AddressForm::du, AddressForm::sie));

TEST(Translations, FillsPlaceholdersAndPlurals) {
    auto texts = Translations::load(test::source_folder() / "core/web/texts", AddressForm::du);
    ASSERT_TRUE(texts);
    EXPECT_EQ(texts->text(Language::de, "problem.password_short", {{"limit", "15"}, {"length", "11"}}),
              "Das Passwort braucht mindestens 15 Zeichen; es sind 11.");
    EXPECT_EQ(texts->text(Language::en, "course.lessons", {{"count", "1"}}), "1 lesson");
    EXPECT_EQ(texts->text(Language::en, "course.lessons", {{"count", "2"}}), "2 lessons");
    EXPECT_THROW((void)texts->text(Language::en, "course.nothing"), std::out_of_range);
    EXPECT_THROW((void)texts->text(Language::en, "course.lessons"), std::out_of_range);
}

TEST(TextAsMustache, EscapesAndTurnsMarksIntoElements) {
    EXPECT_EQ(text_as_mustache({"", "a < b & \"c\""}, {}), "a &lt; b &amp; &quot;c&quot;");
    EXPECT_EQ(text_as_mustache({"", "see [our **page**](/x?a=1&b={id}) now"}, {{"id", "course.id"}}),
              "see <a href=\"/x?a=1&amp;b={{course.id}}\">our **page**</a> now");
    EXPECT_EQ(text_as_mustache({"", "**strong** {name}"}, {}), "<strong>strong</strong> {{name}}");
    EXPECT_EQ(text_as_mustache({"", "2 ** 3 and [open"}, {}), "2 ** 3 and [open");
}

TEST(SafeUrl, AdmitsFewSchemes) {
    for (const auto* url :
         {"/a?b=c:d", "#x", "a/b", "https://example.org", "HTTP://x", "mailto:a@example.org", "tel:+49"})
        EXPECT_TRUE(is_safe_url(url)) << url;
    for (const auto* url : {"javascript:alert(1)", "JavaScript:x", " javascript:x", "java\nscript:x",
                            "data:text/html,x", "vbscript:x", "blob:x", "\x01javascript:x"})
        EXPECT_FALSE(is_safe_url(url)) << url;
}

}  // namespace
}  // namespace calyptenora::web
