#include "web/renderer.hpp"

#include "unit/web/text_calls.hpp"
#include "unit/web/view_samples.hpp"

#include <calyptenora/vocabulary.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace calyptenora::web {
namespace {

using test::all_samples;
using test::load_view;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Renderer& renderer(AddressForm form = AddressForm::du) {
    const auto load = [](AddressForm address_form) {
        auto loaded = Renderer::load({test::source_folder() / "core/web/templates",
                                      test::source_folder() / "core/web/texts", address_form});
        if (!loaded)
            throw std::runtime_error(loaded.error().message);
        return std::move(*loaded);
    };
    static const Renderer du = load(AddressForm::du), sie = load(AddressForm::sie);
    return form == AddressForm::du ? du : sie;
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

/// A folder with a tiny set of templates and texts.
class OwnTemplates : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("web_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "templates/partials");
        std::filesystem::create_directories(folder_ / "texts");
        write("templates/layout.mustache", "<title>{{$title}}default{{/title}}</title>{{>content}}");
        write("texts/de.json",
              R"({"a": {"hello": "Hallo {name}", "n": {"one": "ein Tag", "other": "{count} Tage"}}})");
        write("texts/en.json",
              R"({"a": {"hello": "Hello {name}", "n": {"one": "a day", "other": "{count} days"}}})");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& path, const std::string& text) { std::ofstream(folder_ / path) << text; }
    Result<Renderer> load() { return Renderer::load({folder_ / "templates", folder_ / "texts"}); }
    std::string rendered(const boost::json::object& view, Language language = Language::de) {
        auto loaded = load();
        return loaded ? loaded->render("page", view, language) : "failed: " + loaded.error().message;
    }

    std::filesystem::path folder_;
};

TEST(Renderer, EveryPageHasASampleAndEverySampleAPage) {
    std::set<std::string> sampled;
    for (const auto& sample : all_samples())
        sampled.insert(sample.page);
    const auto pages = renderer().pages();
    EXPECT_EQ(sampled, std::set<std::string>(pages.begin(), pages.end()));
    EXPECT_GE(pages.size(), 21u);
}

TEST(Renderer, EverySampleRendersInEachLanguageAndForm) {
    for (const auto& sample : all_samples())
        for (const auto language : languages)
            for (const auto form : {AddressForm::du, AddressForm::sie}) {
                const auto html = renderer(form).render(sample.page, sample.view, language);
                SCOPED_TRACE(sample.name + " " + std::string(tag_of(language)));
                EXPECT_THAT(html, HasSubstr("<html lang=\"" + std::string(tag_of(language)) + "\""));
                EXPECT_EQ(count_of(html, "<h1"), 1u);
                EXPECT_EQ(count_of(html, "<main id=\"main\""), 1u);
                EXPECT_THAT(html, Not(HasSubstr("{{")));
                EXPECT_THAT(html, Not(HasSubstr("}}")));
                EXPECT_THAT(html, Not(HasSubstr("<title> –")));
                EXPECT_TRUE(html.ends_with("</html>\n")) << html.substr(html.size() - 40);
            }
}

TEST(Renderer, PagesHoldNoInlineScriptOrStyle) {
    for (const auto& sample : all_samples()) {
        const auto html = renderer().render(sample.page, sample.view, Language::de);
        SCOPED_TRACE(sample.name);
        EXPECT_THAT(html, Not(HasSubstr("<style")));
        EXPECT_THAT(html, Not(HasSubstr(" style=")));
        EXPECT_THAT(html, Not(HasSubstr(" onclick=")));
        EXPECT_THAT(html, Not(HasSubstr("javascript:")));
        EXPECT_EQ(count_of(html, "<script"), count_of(html, "<script type=\"module\" src=\"/assets/"));
    }
}

TEST(Renderer, EveryPostFormCarriesTheToken) {
    for (const auto& sample : all_samples()) {
        const auto html = renderer().render(sample.page, sample.view, Language::en);
        EXPECT_EQ(count_of(html, "method=\"post\""),
                  count_of(html, "<input type=\"hidden\" name=\"csrf\" value=\"c3Jm-sample\">"))
            << sample.name;
    }
}

TEST(Renderer, EveryFooterLeadsToPrivacySettingsAndLegalPages) {
    for (const auto& sample : all_samples()) {
        const auto html = renderer().render(sample.page, sample.view, Language::de);
        const auto footer = html.substr(html.find("<footer"));
        for (const auto* link : {"/privacy", "/privacy-notice", "/imprint", "/contact", "/accessibility",
                                 "/cancel-contract", "/withdraw-contract"})
            EXPECT_THAT(footer, HasSubstr(std::string("href=\"") + link + "\"")) << sample.name;
    }
    auto free_only = load_view("home");
    free_only["site"].as_object()["sells"] = false;
    EXPECT_THAT(renderer().render("home", free_only, Language::de), Not(HasSubstr("/cancel-contract")));
}

TEST(Renderer, ConsentDialogAsksWithThreeEqualButtonsRefusalFirst) {
    for (const auto language : languages) {
        const auto html = renderer().render("home", load_view("home.guest"), language);
        const auto body = html.substr(html.find("<body"));
        const auto refuse = body.find("value=\"refuse_all\""), choose = body.find("value=\"choose\""),
                   accept = body.find("value=\"accept_all\"");
        ASSERT_NE(accept, std::string::npos);
        EXPECT_LT(refuse, choose);
        EXPECT_LT(choose, accept);
        for (const auto* focusable : {"<a ", "<summary", "<select", "tabindex"})
            EXPECT_LT(refuse, body.find(focusable)) << "before the refusal stands " << focusable;
        EXPECT_EQ(
            count_of(body.substr(0, body.find("</section>")), "<button class=\"button\" name=\"choice\""),
            3u);
        EXPECT_THAT(body.substr(0, body.find("</section>")), Not(HasSubstr("checked")));
        EXPECT_THAT(body, HasSubstr("aria-modal=\"false\""));
    }
    EXPECT_THAT(renderer().render("home", load_view("home"), Language::de),
                Not(HasSubstr("data-consent-dialog")));
}

TEST(Renderer, NothingIsTickedOnTheChoosePage) {
    const auto html = renderer().render("consent_choose", load_view("consent_choose"), Language::de);
    EXPECT_EQ(count_of(html, "type=\"radio\""), 4u);
    EXPECT_THAT(html, Not(HasSubstr("checked")));
}

TEST(Renderer, OrderButtonSaysThatItCosts) {
    const auto view = load_view("order_review");
    EXPECT_THAT(renderer().render("order_review", view, Language::de),
                HasSubstr(">Zahlungspflichtig bestellen</button>"));
    EXPECT_THAT(renderer().render("order_review", view, Language::en),
                HasSubstr(">Order with obligation to pay</button>"));
}

TEST(Renderer, PlaceholderNamesTheProviderAndAsksNothingOfIt) {
    const auto html = renderer().render("lesson", load_view("lesson"), Language::de);
    EXPECT_THAT(
        html, HasSubstr("Dieses Video liegt bei Filmhaus (Vereinigte Staaten). Wenn du es abspielst, erhält "
                        "Filmhaus: IP-Adresse, Browser und Betriebssystem sowie welches Video."));
    EXPECT_THAT(html, HasSubstr("action=\"/courses/ebbe-und-flut/lessons/mond/videos/flut/play\""));
    EXPECT_THAT(html, HasSubstr("name=\"scope\" value=\"once\""));
    EXPECT_THAT(html, HasSubstr("name=\"scope\" value=\"always\""));
    EXPECT_THAT(html, Not(HasSubstr("<iframe")));
    EXPECT_THAT(html, Not(HasSubstr("filmhaus.example")));
    EXPECT_THAT(renderer().render("lesson", load_view("lesson.embed"), Language::de),
                HasSubstr("<iframe src=\"https://player.filmhaus.example/v/123\""));
}

TEST(Renderer, LessonSaysWhichVideoIsMissing) {
    const auto missing = HasSubstr("Das Video „Springflut am Pier“ ist auf dieser Plattform zurzeit nicht");
    EXPECT_THAT(renderer().render("lesson", load_view("lesson.embed"), Language::de), missing);
    EXPECT_THAT(renderer().render("lesson", load_view("lesson"), Language::de), Not(missing));
}

TEST(Renderer, PrivacyRowsHaveOneControlEach) {
    const auto html = renderer().render("privacy", load_view("privacy"), Language::en);
    EXPECT_EQ(count_of(html, "<article class=\"recipient"), 3u);
    EXPECT_EQ(count_of(html, "<button class=\"button\" name=\"choice\" value=\"allow\""), 1u);
    EXPECT_EQ(count_of(html, "data-withdraw=\""), 1u);
    EXPECT_THAT(html, HasSubstr("action=\"/privacy/off\""));
    EXPECT_THAT(html, HasSubstr("1 recipient is allowed at present."));
    auto two = load_view("privacy");
    two["active"] = 2;
    EXPECT_THAT(renderer().render("privacy", two, Language::de),
                HasSubstr("2 Empfänger sind gerade erlaubt."));
}

TEST(Renderer, AddressesTheLearnerAsConfigured) {
    const auto view = load_view("consent_choose");
    EXPECT_THAT(renderer(AddressForm::du).render("consent_choose", view, Language::de),
                HasSubstr("Was du offenlässt"));
    const auto formal = renderer(AddressForm::sie).render("consent_choose", view, Language::de);
    EXPECT_THAT(formal, HasSubstr("Was Sie offenlassen"));
    EXPECT_THAT(formal, Not(testing::ContainsRegex("[ >](du|dein|deine|dich|dir)[ .,<]")));
}

TEST(Renderer, FieldErrorsStandInTheSummaryAndAtTheField) {
    const auto html = renderer().render("register", load_view("register.errors"), Language::de);
    EXPECT_THAT(
        html, HasSubstr("<a href=\"#password\">Das Passwort braucht mindestens 15 Zeichen; es sind 11.</a>"));
    EXPECT_THAT(
        html, HasSubstr("id=\"password-error\">Das Passwort braucht mindestens 15 Zeichen; es sind 11.</p>"));
    EXPECT_THAT(html, HasSubstr("value=\"ada@\""));
    EXPECT_THAT(html, HasSubstr("<title>Fehler: "));
}

TEST(Renderer, ThreadsRenderTheSamePageAlike) {
    const auto view = load_view("lesson");
    const auto expected = renderer().render("lesson", view, Language::de);
    std::vector<std::thread> threads;
    std::atomic<int> different = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 50; ++n)
                if (renderer().render("lesson", view, Language::de) != expected)
                    ++different;
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(different, 0);
}

TEST(Renderer, FragmentsArePartsOfPages) {
    boost::json::object card{{"title", "<b>Ebbe & Flut"},    {"summary", "\"Wasser\""},
                             {"url", "javascript:alert(1)"}, {"lang", "de"},
                             {"language_name", "Deutsch"},   {"lessons", 1},
                             {"price_text", "12,00 €"},      {"subject", "Meer"},
                             {"duration_text", "1 Std."}};
    const auto priced = renderer().render("fragments/course_card", card, Language::de);
    EXPECT_TRUE(priced.starts_with("<li class=\"card\">")) << priced;
    EXPECT_TRUE(priced.ends_with("</li>")) << priced;
    EXPECT_THAT(priced,
                AllOf(HasSubstr("<a href=\"#\">&lt;b&gt;Ebbe &amp; Flut</a>"), HasSubstr("1 Lektion<"),
                      HasSubstr("<p class=\"price\">12,00 €</p>"), Not(HasSubstr("<progress"))));
    card["enrolled"] = true;
    card["percent"] = 50;
    card["done"] = 1;
    card["total"] = 2;
    EXPECT_THAT(renderer().render("fragments/course_card", card, Language::de),
                AllOf(HasSubstr("1 von 2 Lektionen erledigt"), Not(HasSubstr("class=\"price\""))));
    EXPECT_THAT(renderer().render("fragments/course_card", card, Language::en), HasSubstr("<h3 lang=\"de\">"))
        << "the course's language, not the page's";
    card.erase("enrolled");
    card["awaiting_payment"] = true;
    EXPECT_THAT(renderer().render("fragments/course_card", card, Language::en), HasSubstr("tag--warning"));
    for (const auto& page : renderer().pages())
        EXPECT_THAT(page, Not(HasSubstr("/")));
}

TEST_F(OwnTemplates, ConstantsAreReadWhereTheViewHasNothingOfThatName) {
    write("templates/page.mustache", "{{a.b}} {{own.c}}");
    const auto loaded = Renderer::load({folder_ / "templates",
                                        folder_ / "texts",
                                        AddressForm::du,
                                        {{"a", {{"b", "const"}}}, {"own", {{"c", "const"}}}}});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->render("page", {{"own", {{"c", "view"}}}}, Language::de),
              "<title>default</title>const view");
}

TEST(Renderer, UnknownPageIsABrokenInvariant) {
    EXPECT_THROW((void)renderer().render("no_such_page", {}, Language::de), std::out_of_range);
}

TEST(Catalogue, HasNoTextThatNothingUses) {
    // Texts of these groups are fetched by handlers, under keys of the vocabulary or put together by them.
    std::istringstream words(
        "access_part account_event activity basis basis_asked consent_state cookie_category data "
        "deleted_by device device_access device_form due export export_word failure incident_notice kept_by "
        "kept_data "
        "kept_length legal_basis letter letter_else letter_link letter_subject letter_what mail_topic "
        "measure "
        "message notification_kind "
        "people_who persons problem promise purpose purpose_explained receipt request_kind request_status "
        "retention review_rule role safeguard staff_role staff_sees state storage_kind stored text_size "
        "theme transform unanswered");
    const std::set<std::string> for_handlers(std::istream_iterator<std::string>(words), {});
    std::set<std::string> named;
    for (const auto& call : test::text_calls())
        named.insert(call.key);
    for (const auto& key : renderer().translations().keys())
        if (!for_handlers.contains(key.substr(0, key.find('.'))) && !named.contains(key))
            EXPECT_TRUE(renderer().used_texts().contains(key)) << key << " is used by no page";
}

template <VocabularyTerm E>
void expect_words_for_all(const std::string& group) {
    for (const auto key : keys_of(std::type_identity<E>{}))
        for (const auto language : languages)
            EXPECT_TRUE(renderer().translations().find_text(language, group + "." + std::string(key)))
                << group << "." << key;
}

TEST(Catalogue, HasWordsForTheWholeVocabulary) {
    expect_words_for_all<Category>("data");
    expect_words_for_all<Purpose>("purpose");
    expect_words_for_all<Purpose>("purpose_explained");
    expect_words_for_all<LegalBasis>("basis");
    expect_words_for_all<LegalBasis>("legal_basis");
    expect_words_for_all<DeviceAccess>("device_access");
    expect_words_for_all<RecipientRole>("role");
    expect_words_for_all<ConsentState>("consent_state");
    expect_words_for_all<CookieCategory>("cookie_category");
}

TEST_F(OwnTemplates, TextsAndPluralsAreFilled) {
    write("templates/page.mustache",
          "{{!\ncomment\n}}\n{{$title}}T{{/title}}<p>{{t:a.hello name=who}}, {{t:a.n count=days}}</p>");
    EXPECT_EQ(rendered({{"who", "Ada"}, {"days", 1}}), "<title>T</title><p>Hallo Ada, ein Tag</p>");
    EXPECT_EQ(rendered({{"who", "Ada"}, {"days", 0}}, Language::en),
              "<title>T</title><p>Hello Ada, 0 days</p>");
}

TEST_F(OwnTemplates, AllThatIsWrongIsNamedAtOnce) {
    write("templates/page.mustache", "{{t:a.nope}}{{>missing}}{{{name}}}{{&other}}{{#open}}");
    const auto loaded = load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::invalid_config);
    for (const auto* part : {"de.json lacks a.nope", "en.json lacks a.nope", "no partial missing",
                             "name must not be written unescaped", "other must not be written unescaped",
                             "Unclosed section \"open\""})
        EXPECT_THAT(loaded.error().message, HasSubstr(part));
}

TEST_F(OwnTemplates, CataloguesThatDifferAreRefused) {
    write("templates/page.mustache", "x");
    write("texts/en.json", R"({"a": {"hello": "Hello {nam}", "extra": "x", "bad": 7}})");
    const auto loaded = load();
    ASSERT_FALSE(loaded);
    for (const auto* part :
         {"en.json lacks a.n", "de.json lacks a.extra",
          "a.hello: placeholders differ: {name} in German, {nam} in English", "a.bad is neither a text"})
        EXPECT_THAT(loaded.error().message, HasSubstr(part));
}

TEST_F(OwnTemplates, RawHtmlPassesOnlyUnderItsOwnKeys) {
    write("templates/page.mustache", "{{{text_html}}}{{text_html}}");
    EXPECT_EQ(rendered({{"text_html", "<b>"}}), "<title>default</title><b>&lt;b&gt;");
}

TEST_F(OwnTemplates, BlanksOfTemplatesAndDataSurvive) {
    write("templates/page.mustache", "<p>\n    a  b {{x}}\n\n</p>");
    EXPECT_EQ(rendered({{"x", "c \n d\x01\x02\x7f"}}), "<title>default</title><p>\na  b c \n d\n</p>");
}

TEST_F(OwnTemplates, InnerNullHidesOuterValue) {
    write("templates/page.mustache",
          "{{#list}}[{{name}}{{^name}}none{{/name}}]{{/list}}{{#has_list}}!{{/has_list}}");
    EXPECT_EQ(rendered({{"name", "outer"}, {"list", {{{"name", "a"}}, {{"name", nullptr}}, {{"name", ""}}}}}),
              "<title>default</title>[a][none][none]!");
}

}  // namespace
}  // namespace calyptenora::web
