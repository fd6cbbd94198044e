#include "platform/promises.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Not;

const fs::path source = CALYPTENORA_SOURCE_DIR;

std::string read(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return std::move(text).str();
}

/// Of all tests that there are: `Suite.Name`, and those of the browser by their names.
std::set<std::string> tests() {
    static const std::regex gtest(R"(\nTEST(?:_F|_P)?\((\w+),\s*(\w+)\))"), browser(R"(\ntest\('([^']+)')");
    std::set<std::string> names;
    for (auto entry = fs::recursive_directory_iterator(source / "tests"); entry != fs::end(entry); ++entry) {
        if (entry->path().filename() == "node_modules") {
            entry.disable_recursion_pending();
            continue;
        }
        const auto kind = entry->path().extension();
        if (kind != ".cpp" && kind != ".mjs")
            continue;
        const auto text = read(entry->path());
        for (auto at = std::sregex_iterator(text.begin(), text.end(), gtest); at != std::sregex_iterator();
             ++at)
            names.insert((*at)[1].str() + "." + (*at)[2].str());
        for (auto at = std::sregex_iterator(text.begin(), text.end(), browser); at != std::sregex_iterator();
             ++at)
            names.insert((*at)[1]);
    }
    return names;
}

TEST(Promises, OfThePlatformAreShownByATestThatExists) {
    const auto known = tests();
    for (const auto& promise : promises())
        if (promise.kept_by == KeptBy::platform)
            EXPECT_THAT(known, Contains(std::string(promise.shown_by))) << promise.key;
        else
            EXPECT_EQ(promise.shown_by, "") << promise.key << " is shown by a test, so the platform keeps it";
    EXPECT_THAT(known, Not(Contains("Promises.OfWhichThereIsNoTest")));
}

TEST(Promises, HaveTheirTextInBothLanguagesAndNoTextIsLeft) {
    std::set<std::string> keys;
    for (const auto& promise : promises())
        EXPECT_TRUE(keys.emplace(promise.key).second) << promise.key << " stands there twice";
    for (const auto* language : {"de", "en"}) {
        const auto texts =
            boost::json::parse(read(source / "core/web/texts" / (std::string(language) + ".json")));
        std::set<std::string> found;
        for (const auto& [key, text] : texts.at("promise").as_object())
            found.emplace(key);
        EXPECT_EQ(found, keys) << language;
    }
}

}  // namespace
}  // namespace calyptenora::platform
