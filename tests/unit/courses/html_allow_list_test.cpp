#include "platform/courses/html_allow_list.hpp"

#include "html_dangers.hpp"
#include "strict_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

namespace calyptenora::platform {
namespace {

struct Vector {
    std::string name;
    std::string input;
    std::string expected;
};

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            plain += text[i];
            continue;
        }
        switch (text.at(++i)) {
            case 'n':
                plain += '\n';
                break;
            case 't':
                plain += '\t';
                break;
            case 'x':
                plain += char(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
                i += 2;
                break;
            default:
                plain += text[i];
        }
    }
    return plain;
}

std::vector<Vector> load_vectors() {
    std::ifstream file(CALYPTENORA_SOURCE_DIR "/tests/unit/courses/fixtures/html_vectors.txt");
    std::vector<Vector> all;
    std::string line;
    std::getline(file, line);
    Vector vector;
    while (std::getline(file, vector.name) && std::getline(file, vector.input) &&
           std::getline(file, vector.expected)) {
        EXPECT_TRUE(vector.input.starts_with("  ") && vector.expected.starts_with("  ")) << vector.name;
        all.push_back({vector.name, unescaped(vector.input.substr(2)), unescaped(vector.expected.substr(2))});
    }
    return all;
}

std::string allowed(std::string_view html) {
    return write_html(parse_allowed_html(html).nodes).str();
}

TEST(HtmlAllowList, WritesExactlyWhatIsExpectedForEveryVector) {
    const auto vectors = load_vectors();
    ASSERT_GE(vectors.size(), 120u);
    for (const Vector& vector : vectors)
        EXPECT_EQ(allowed(vector.input), vector.expected) << vector.name;
}

TEST(HtmlAllowList, IsReadAlikeByTwoOtherParsersAndHarmless) {
    for (const Vector& vector : load_vectors()) {
        const std::string html = allowed(vector.input);
        EXPECT_EQ(test::StrictHtml(html).fault(), "") << vector.name << ": " << html;
        const auto found = test::find_dangers(html);
        EXPECT_TRUE(found.empty()) << vector.name << ": " << found.front() << " in " << html;
    }
}

// The twin that proves the check above can fail: the same vectors, passed through raw.
TEST(HtmlAllowList, RawVectorsAreSeenAsDangerousByTheSameCheck) {
    std::size_t dangerous = 0;
    std::size_t attacks = 0;
    for (const Vector& vector : load_vectors()) {
        if (vector.name.starts_with("allowed"))
            continue;
        ++attacks;
        dangerous +=
            !test::find_dangers(vector.input).empty() || !test::StrictHtml(vector.input).fault().empty();
    }
    EXPECT_GE(attacks, 110u);
    EXPECT_GE(dangerous, attacks - 15) << "most of the vectors must be dangerous when passed through";
}

TEST(HtmlAllowList, ChangesNothingThatItHasWrittenItself) {
    for (const Vector& vector : load_vectors()) {
        const std::string once = allowed(vector.input);
        EXPECT_EQ(allowed(once), once) << vector.name;
    }
}

// Pieces of the vectors cut at arbitrary places and put together anew, the same ones in every run.
TEST(HtmlAllowList, MixturesOfVectorsAreHarmlessToo) {
    const auto vectors = load_vectors();
    std::mt19937 random(20'250'101);
    const auto below = [&random](std::size_t limit) { return std::size_t(random() % limit); };
    for (int round = 0; round < 3000; ++round) {
        std::string mixture;
        for (std::size_t piece = 0; piece < 2 + below(4); ++piece) {
            const std::string& input = vectors[below(vectors.size())].input;
            const std::size_t begin = below(2) ? 0 : below(input.size());
            mixture += input.substr(begin, below(2) ? std::string::npos : below(input.size()));
        }
        const std::string html = allowed(mixture);
        ASSERT_EQ(test::StrictHtml(html).fault(), "") << mixture << "\n" << html;
        const auto found = test::find_dangers(html);
        ASSERT_TRUE(found.empty()) << mixture << "\n" << html << "\n" << found.front();
    }
}

TEST(HtmlAllowList, NamesWhatItLeftOut) {
    EXPECT_THAT(
        parse_allowed_html("<p onclick=x>a<script>b</script><a href='javascript:c'>d</a></p>").removed,
        testing::ElementsAre("onclick", "<script>", "href javascript:c"));
}

TEST(HtmlAllowList, EndsDeepNestingAndRefusesFloodsOfTags) {
    std::string deep;
    for (int i = 0; i < 15'000; ++i)
        deep += "<div>";
    const std::string html = allowed(deep + "x");
    EXPECT_LE(test::StrictHtml(html).elements().size(), std::size_t(max_html_depth) + 1);
    std::string flood;
    for (std::size_t i = 0; i <= max_html_tags; ++i)
        flood += "<b>";
    EXPECT_TRUE(allowed(flood).starts_with("&lt;b&gt;&lt;b&gt;"));
}

TEST(HtmlAllowList, WriterChecksTransformationsToo) {
    HtmlNode script{.tag = "script", .attributes = {}, .text = {}, .children = {}};
    script.children.push_back({.tag = {}, .attributes = {}, .text = "alert(1)", .children = {}});
    EXPECT_EQ(write_html({script}).str(), "");
    const HtmlNode link{.tag = "a",
                        .attributes = {{"href", "javascript:alert(1)"}, {"onclick", "x"}, {"rel", "opener"}},
                        .text = {},
                        .children = {}};
    EXPECT_EQ(write_html({link}).str(), "<a></a>");
    const HtmlNode own{
        .tag = "a",
        .attributes = {{"href", "https://a.example/"}, {"rel", "noopener external"}, {"class", "external"}},
        .text = {},
        .children = {}};
    EXPECT_EQ(write_html({own}).str(),
              "<a href=\"https://a.example/\" rel=\"noopener external\" class=\"external\"></a>");
}

// The renderer replaces such a picture by a link and reports it; the writer makes sure.
TEST(HtmlAllowList, WriterLoadsNothingFromAnotherOrigin) {
    EXPECT_EQ(allowed("<img src='https://evil.example/a.png' alt='a'>"), "<img alt=\"a\">");
    EXPECT_EQ(allowed("<img src='mailto:a@a.example' alt='a'>"), "<img alt=\"a\">");
}

TEST(HtmlAllowList, ClassifiesLinks) {
    for (const char* url : {"https://a.example/", "HTTP://a.example", "mailto:a@a.example"})
        EXPECT_EQ(classify_link(url), LinkKind::external) << url;
    for (const char* url : {"a.md", "../a.md#b", "#b", "/courses", "a/b:c", "?a:b"})
        EXPECT_EQ(classify_link(url), LinkKind::local) << url;
    for (const char* url : {"", " a", "javascript:x", "JAVASCRIPT:x", "data:x", "//a.example", "/\\a.example",
                            "a\tb", "https:a.example", "ftp://a"})
        EXPECT_EQ(classify_link(url), LinkKind::refused) << url;
}

}  // namespace
}  // namespace calyptenora::platform
