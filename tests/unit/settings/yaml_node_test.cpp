#include "settings/yaml_node.hpp"

#include "fixture.hpp"

#include <gtest/gtest.h>

#include <random>

namespace calyptenora::settings {
namespace {

TEST(YamlNode, KnowsWhereEverythingStands) {
    Problems problems;
    const auto root = parse_yaml(
        "\xef\xbb\xbf"
        "a: 1\r\nb:\r\n  - \"ä\"\r\n  - c: no\r\n",
        "f", problems);
    ASSERT_TRUE(root) << to_text(problems);
    ASSERT_EQ(root->entries.size(), 2u);
    EXPECT_EQ(root->entries[0].value->text, "1");
    EXPECT_EQ(root->entries[0].value->position, (Position{1, 4}));
    EXPECT_EQ(root->entries[1].key_position, (Position{2, 1}));
    const auto& list = root->entries[1].value->items;
    EXPECT_EQ(list[0]->position, (Position{3, 5}));
    EXPECT_EQ(list[1]->entries[0].value->text, "no");
    EXPECT_EQ(list[1]->entries[0].value->position, (Position{4, 8}));
}

TEST(YamlNode, FollowsAliasesWithoutCopying) {
    Problems problems;
    const auto root = parse_yaml("a: &x {k: v}\nb: *x\n", "f", problems);
    ASSERT_TRUE(root);
    EXPECT_EQ(root->entries[0].value, root->entries[1].value);
    EXPECT_EQ(root->expanded_size, 5u);
}

TEST(YamlNode, KeepsItsBounds) {
    const auto message = [](const std::string& text, YamlLimits limits) {
        Problems problems;
        EXPECT_FALSE(parse_yaml(text, "f", problems, limits));
        return to_text(problems);
    };
    EXPECT_EQ(message("a: 1234567890", {.bytes = 12}), "f: expected at most 12 bytes, found 13\n");
    EXPECT_NE(message("[1, 2, 3]", {.nodes = 3}).find("at most 3 values"), std::string::npos);
    EXPECT_NE(message("[[[1]]]", {.depth = 3}).find("at most 3 deep"), std::string::npos);
    EXPECT_NE(message(std::string(100'000, '['), {}), "");
    // A chain of aliases is deep although no line is.
    std::string chain = "a0: &a0 [x]\n";
    for (int i = 1; i < 2000; ++i)
        chain += fmt::format("a{}: &a{} [*a{}]\n", i, i, i - 1);
    EXPECT_NE(message(chain, {}).find("at most 40 deep"), std::string::npos);
}

TEST(YamlNode, JoinsKeyPaths) {
    EXPECT_EQ(join_key_path("", "a"), "a");
    EXPECT_EQ(join_key_path("a", "b/c@d"), "a.b/c@d");
    EXPECT_EQ(join_key_path("a", "b.c"), "a[\"b.c\"]");
    EXPECT_EQ(join_key_path("a", ""), "a[\"\"]");
}

TEST(YamlNode, AKeyCannotWriteToTheTerminal) {
    Problems problems;
    parse_yaml("\"\\e[2Jx\": 1\n\"\\e[2Jx\": 2\n", "f", problems);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(to_text(problems[0]).find('\x1b'), std::string::npos) << to_text(problems[0]);
    EXPECT_NE(to_text(problems[0]).find("\\x1b"), std::string::npos);
}

/// Whatever stands in the file: an answer, no crash. The seed is printed by the failing assertion's trace.
TEST(YamlNode, SurvivesEveryMutationOfARealFile) {
    const auto original = test::read_file(test::folder() / "good" / "calyptenora.yaml");
    ASSERT_GT(original.size(), 1000u);
    std::mt19937 random(20261124);
    constexpr std::string_view pieces = "[]{}&*!|>'\"%@`,:?-#\n \t~<$\\";
    for (int round = 0; round < 3000; ++round) {
        SCOPED_TRACE(round);
        auto text = original;
        for (unsigned i = 0, n = 1 + random() % 6; i < n; ++i) {
            const auto at = random() % text.size();
            switch (random() % 4) {
                case 0:
                    text[at] = static_cast<char>(random());
                    break;
                case 1:
                    text[at] = pieces[random() % pieces.size()];
                    break;
                case 2:
                    text.erase(at, random() % 40);
                    break;
                default:
                    text.insert(at, 1, pieces[random() % pieces.size()]);
                    break;
            }
        }
        const auto parsed = parse_settings(text, "f.yaml", {.environment = test::environment()});
        if (!parsed)
            ASSERT_TRUE(has_errors(parsed.problems));
        for (const auto& problem : parsed.problems)
            ASSERT_EQ(to_text(problem).find(test::env_canary), std::string::npos);
    }
}

}  // namespace
}  // namespace calyptenora::settings
