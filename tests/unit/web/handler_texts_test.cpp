#include "unit/web/text_calls.hpp"
#include "web/translations.hpp"

#include <gtest/gtest.h>

/// A text that a handler asks for and the catalogue lacks would be an exception in front of a learner.
namespace calyptenora::web {
namespace {

class HandlerTexts : public testing::Test {
  protected:
    HandlerTexts() {
        auto loaded = Translations::load(test::source_folder() / "core/web/texts", AddressForm::sie);
        if (!loaded)
            throw std::runtime_error(loaded.error().message);
        texts_ = std::move(*loaded);
    }

    void expect_text(const std::string& key, const std::string& file) const {
        EXPECT_TRUE(texts_.find_text(Language::en, key)) << file << " asks for " << key;
    }

    /// Each match of a pattern in the handlers' sources.
    static std::vector<std::pair<std::string, std::smatch>> matches(const std::string& pattern) {
        static const auto sources = test::handler_sources();
        static std::vector<std::unique_ptr<std::regex>> patterns;
        const auto& regex = *patterns.emplace_back(std::make_unique<std::regex>(pattern));
        std::vector<std::pair<std::string, std::smatch>> found;
        for (const auto& [file, source] : sources)
            for (std::sregex_iterator it(source.begin(), source.end(), regex), end; it != end; ++it)
                found.emplace_back(file, *it);
        return found;
    }

    Translations texts_;
};

TEST_F(HandlerTexts, AreInTheCatalogueWithTheirArguments) {
    const auto calls = test::text_calls();
    EXPECT_GT(calls.size(), 30u);
    for (const auto& call : calls) {
        const auto* text = texts_.find_text(Language::en, call.key);
        ASSERT_TRUE(text) << call.file << " asks for " << call.key;
        std::set<std::string> wanted;
        for (const auto& form : {text->one, text->other})
            for (const auto& name : placeholders_of(form))
                wanted.insert(name);
        if (text->has_plural())
            wanted.insert("count");
        EXPECT_EQ(call.arguments, wanted) << call.file << ": " << call.key;
    }
}

// Keys that reach text() through a variable, as in complain("method", "problem.method_required").
TEST_F(HandlerTexts, AreInTheCatalogueWhereTheyArePassedOn) {
    const auto keys = matches("\"((?:problem|failure|message|state|error)\\.[a-z_]+)\"");
    EXPECT_GT(keys.size(), 15u);
    for (const auto& [file, match] : keys)
        expect_text(match[1], file);
    const auto failures = matches("\\bview\\(\"([a-z_]+)\", \"([a-z_]+)\", \"([a-z_]+)\"\\)");
    EXPECT_GE(failures.size(), 2u);
    for (const auto& [file, match] : failures)
        for (const auto part : {1u, 2u, 3u})
            expect_text("failure." + match[part].str(), file);
}

TEST_F(HandlerTexts, AreInTheCatalogueForNotices) {
    const auto notices = matches("\\bback_to\\([^;]*\"([a-z_]+)\"\\);|\\bchosen\\([^;]*\"([a-z_]+)\"\\);");
    EXPECT_GE(notices.size(), 5u);
    for (const auto& [file, match] : notices)
        expect_text("message." + (match[1].matched ? match[1].str() : match[2].str()), file);
}

TEST_F(HandlerTexts, OfSafeguardsAreComplete) {
    for (const auto* key : {"adequacy", "scc", "bcr", "code_of_conduct", "certification", "derogation"})
        expect_text(std::string("safeguard.") + key, "words.cpp");
}

}  // namespace
}  // namespace calyptenora::web
