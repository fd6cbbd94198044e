#include "platform/courses/fences.hpp"

#include "platform/courses/highlight.hpp"
#include "platform/courses/pandoc_attributes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

// "challenge(text solution(text))"
std::string shape(const std::vector<FencedNode>& nodes) {
    std::string all;
    for (const FencedNode& node : nodes)
        all += (all.empty() ? "" : " ") +
               (node.is_text() ? "text" : node.kind + "(" + shape(node.children) + ")");
    return all;
}

std::string shape_of(std::string_view markdown) {
    Problems problems;
    const std::string result = shape(parse_fences(markdown, "f.md", 1, problems));
    for (const Problem& problem : problems)
        ADD_FAILURE() << problem.text();
    return result;
}

TEST(Fences, NestWhateverTheirLength) {
    EXPECT_EQ(shape_of("a\n::::::: challenge\nb\n::: solution\nc\n:::::::::::\nd\n:::\n"),
              "text challenge(text solution(text) text)");
    EXPECT_EQ(shape_of(":::: a\n::: b\n:::\n::: c\n:::\n::::\n"), "a(b() c())");
    EXPECT_EQ(shape_of("::: a :::\nx\n:::"), "a(text)");
    EXPECT_EQ(shape_of("::: {.callout #x key=\"a b\"}\n:::\r\n"), "callout()");
}

TEST(Fences, InCodeAreText) {
    EXPECT_EQ(
        shape_of("```\n::: a\n```\n~~~~\n:::\n~~~\n:::\n~~~~\n::: b\n````md\n::: c\n```\n:::\n````\n:::\n"),
        "text b(text)");
    EXPECT_EQ(shape_of("`` ``` `` \n::: a\n:::\n"), "text a()");
    EXPECT_EQ(shape_of("::\n:::: x\n::::\n    ::: code\n"), "text x() text");
}

TEST(Fences, KeepIdAttributesAndLines) {
    Problems problems;
    const auto nodes = parse_fences("x\n\n::: {#one .tab name='A B'}\ny\n:::\n", "f.md", 10, problems);
    ASSERT_EQ(nodes.size(), 2u);
    EXPECT_EQ(nodes[0].line, 10);
    EXPECT_EQ(nodes[1].line, 12);
    EXPECT_EQ(nodes[1].id, "one");
    EXPECT_EQ(nodes[1].attributes.at("name"), "A B");
    EXPECT_EQ(nodes[1].children.at(0).line, 13);
}

TEST(Fences, UnclosedAndStrayOnesAreNamed) {
    Problems problems;
    parse_fences("::: a\n::: b\n:::\n", "f.md", 5, problems);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].text(),
              "f.md:5: error: the fence \"::: a\" is opened here and never closed; end it with a line of "
              "colons alone");
    problems.clear();
    parse_fences("::: a\n:::\n:::::\n", "f.md", 1, problems);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].line, 3);
    EXPECT_THAT(problems[0].what, testing::HasSubstr("closing fence has no opening one"));
}

TEST(PandocAttributes, AreReadAcrossLinesWithEscapes) {
    const std::string text = "{#a .b .c alt='x\\_1 \\[y\\]\nz' title=\"it's\" n=3} rest";
    const auto parsed = parse_pandoc_attributes(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->attributes.id, "a");
    EXPECT_THAT(parsed->attributes.classes, testing::ElementsAre("b", "c"));
    EXPECT_EQ(parsed->attributes.values.at("alt"), "x_1 [y] z");
    EXPECT_EQ(parsed->attributes.values.at("title"), "it's");
    EXPECT_EQ(parsed->attributes.values.at("n"), "3");
    EXPECT_EQ(text.substr(parsed->length), " rest");
}

TEST(PandocAttributes, RefuseOtherBraces) {
    for (const char* text : {"{a}", "{", "{alt='x", "{.}", "{ x y }", "x{.a}"})
        EXPECT_FALSE(parse_pandoc_attributes(text)) << text;
}

TEST(Highlight, KeepsEveryCharacter) {
    for (const char* code : {"", "x", "def f(a):\n    \"\"\"doc\n\"\"\"\n    return 'it\\'s' # c\n", "'open",
                             "\"\"\"open", "/* open", "a#b $# #", "Größe = 1"})
        for (const char* language : {"python", "bash", "cpp", "sql", "r", "none", ""}) {
            std::string all;
            for (const HtmlNode& node : highlight_code(code, language))
                all += node.plain_text();
            EXPECT_EQ(all, code) << language;
        }
}

TEST(Highlight, FindsCommentsStringsNumbersAndKeywords) {
    std::string marked;
    for (const HtmlNode& node : highlight_code("for x in '#a': # no\n  if $# 12", "python"))
        if (!node.is_text())
            marked += *node.find("class") + "=" + node.plain_text() + ";";
    EXPECT_EQ(marked,
              "hl-keyword=for;hl-keyword=in;hl-string='#a';hl-comment=# no;hl-keyword=if;hl-number=12;");
}

}  // namespace
}  // namespace calyptenora::platform
