#include "unit/web/view_samples.hpp"
#include "web/renderer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <regex>

namespace calyptenora::web {
namespace {

using test::all_samples;
using testing::HasSubstr;
using testing::Not;

class Pages : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        auto loaded = Renderer::load({test::source_folder() / "core/web/templates",
                                      test::source_folder() / "core/web/texts", AddressForm::du});
        if (!loaded)
            throw std::runtime_error(loaded.error().message);
        renderer_ = std::make_unique<Renderer>(std::move(*loaded));
    }
    static void TearDownTestSuite() { renderer_.reset(); }

    static inline std::unique_ptr<Renderer> renderer_;
};

/// Puts `hostile` in the place of every text of a view model.
void replace_texts(boost::json::value& value, const std::string& hostile) {
    if (value.is_string())
        value = hostile;
    else if (value.is_array())
        for (auto& item : value.get_array())
            replace_texts(item, hostile);
    else if (value.is_object())
        for (auto& [key, item] : value.get_object())
            if (!std::string_view(key.data(), key.size()).ends_with("_html"))
                replace_texts(item, hostile);
}

constexpr std::array hostile_texts{
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onfocus='alert(1)", "{{csrf}}",
    "javascript:alert(1)",       "\tjava\nscript:alert(1)",         "//evil.example/<b>",  "</textarea><b>"};

void expect_harmless(const std::string& html, const std::string& where) {
    SCOPED_TRACE(where);
    EXPECT_THAT(html, Not(HasSubstr("<script>")));
    EXPECT_THAT(html, Not(HasSubstr("<img src=x")));
    EXPECT_THAT(html, Not(HasSubstr("' onfocus='")));
    EXPECT_THAT(html, Not(HasSubstr("</textarea><b>")));
    EXPECT_THAT(html, Not(testing::ContainsRegex("(href|src|action)=\"[[:space:]]*java")));
}

TEST_F(Pages, HostileTextsStayTexts) {
    for (const std::string hostile : hostile_texts) {
        for (const auto& sample : all_samples()) {
            boost::json::value view = sample.view;
            replace_texts(view, hostile);
            view.get_object()["assets"] = sample.view.at("assets");  // ours, not of anyone's making
            expect_harmless(renderer_->render(sample.page, view.get_object(), Language::de),
                            sample.name + " with " + hostile);
        }
    }
}

TEST_F(Pages, HostileTextsStayTextsInCards) {
    for (const auto* hostile : hostile_texts) {
        const boost::json::object card{
            {"title", hostile},         {"summary", hostile},    {"subject", hostile},
            {"url", hostile},           {"lang", hostile},       {"language_name", hostile},
            {"duration_text", hostile}, {"price_text", hostile}, {"lessons", 2}};
        expect_harmless(renderer_->render("fragments/course_card", card, Language::de), hostile);
    }
}

TEST(OwnScripts, NeedNoUnsafePolicy) {
    int scripts = 0;
    for (const auto& file : std::filesystem::directory_iterator(test::source_folder() / "core/web/assets")) {
        if (file.path().extension() != ".js")
            continue;
        ++scripts;
        const auto script = test::read_file(file.path());
        for (const auto* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                                 "new Function", "srcdoc", "new Worker"})
            EXPECT_EQ(script.find(sink), std::string::npos) << file.path() << " uses " << sink;
    }
    EXPECT_GE(scripts, 5);
}

/// tidy 5.6 does not know that HTML allows a div around the pairs of a definition list.
std::string without_divs_in_lists(const std::string& html) {
    std::string kept;
    std::size_t from = 0;
    for (auto list = html.find("<dl"); list != std::string::npos; list = html.find("<dl", from)) {
        const auto end = html.find("</dl>", list);
        kept.append(html, from, list - from);
        kept += std::regex_replace(html.substr(list, end - list), std::regex("</?div[^>]*>"), "");
        from = end;
    }
    return kept.append(html, from);
}

/// Also leaves the pages in the build folder, to look at and for the browser tests.
TEST_F(Pages, AreValidHtml) {
    const std::filesystem::path folder = std::filesystem::path(CALYPTENORA_BINARY_DIR) / "web_pages";
    std::filesystem::create_directories(folder / "tidy");
    std::string command =
        "tidy -config " + (test::source_folder() / "tests/unit/web/tidy.conf").string() + " -errors -quiet";
    for (const auto& sample : all_samples())
        for (const auto language : languages) {
            const auto path = folder / (sample.name + "." + std::string(tag_of(language)) + ".html");
            const auto html = renderer_->render(sample.page, sample.view, language);
            std::ofstream(path) << html;
            const auto plainer = folder / "tidy" / path.filename();
            std::ofstream(plainer) << without_divs_in_lists(html);
            command += " " + plainer.string();
        }
    const auto report = folder / "tidy.txt";
    const int status = std::system((command + " >" + report.string() + " 2>&1").c_str());
    ASSERT_NE(WEXITSTATUS(status), 127) << "tidy is not installed";
    EXPECT_EQ(test::read_file(report), "");
}

TEST_F(Pages, TheValidatorFindsWhatIsWrong) {
    const auto path = std::filesystem::path(CALYPTENORA_BINARY_DIR) / "web_pages/broken.html";
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "<!doctype html><html "
                           "lang=\"de\"><head><title>x</title></head><body><p><div></span></body></html>";
    const auto command = "tidy -config " + (test::source_folder() / "tests/unit/web/tidy.conf").string() +
                         " -errors -quiet " + path.string() + " >/dev/null 2>&1";
    EXPECT_NE(WEXITSTATUS(std::system(command.c_str())), 0);
    std::filesystem::remove(path);
}

TEST_F(Pages, IdsAreUniqueAndReferencesLeadSomewhere) {
    const auto values_of = [](const std::string& html, const std::string& attribute) {
        std::vector<std::string> values;
        const auto opening = " " + attribute + "=\"";
        for (auto at = html.find(opening); at != std::string::npos; at = html.find(opening, at + 1)) {
            const auto from = at + opening.size();
            std::istringstream words(html.substr(from, html.find('"', from) - from));
            for (std::string word; words >> word;)
                values.push_back(word);
        }
        return values;
    };
    for (const auto& sample : all_samples()) {
        const auto html = renderer_->render(sample.page, sample.view, Language::de);
        const auto ids = values_of(html, "id");
        const std::set<std::string> unique(ids.begin(), ids.end());
        EXPECT_EQ(ids.size(), unique.size()) << sample.name;
        for (const auto* attribute : {"for", "aria-labelledby", "aria-describedby"})
            for (const auto& target : values_of(html, attribute))
                EXPECT_TRUE(unique.contains(target)) << sample.name << ": " << attribute << " " << target;
        for (const auto& target : values_of(html, "href"))
            if (target.starts_with("#"))
                EXPECT_TRUE(unique.contains(target.substr(1))) << sample.name << ": link to " << target;
    }
}

}  // namespace
}  // namespace calyptenora::web
