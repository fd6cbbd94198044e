#include "platform/search_terms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Terms, AreWordsAndTheirStemsInTheLanguageOfTheText) {
    EXPECT_THAT(make_terms("Die Häuser", "de"), ElementsAre("die", "hauser", "haus"));
    EXPECT_THAT(make_terms("running LOOPS", "en-GB"), ElementsAre("running", "run", "loops", "loop"));
    EXPECT_THAT(make_terms("les maisons", "fr"), ElementsAre("les", "maisons")) << "no stems, still words";
    EXPECT_THAT(make_terms("naïve Straße ﬁn", "fr"), ElementsAre("naive", "strasse", "fin"));
    EXPECT_THAT(make_terms("C++ a_b 3.14 don't", "fr"), Not(Contains("")));
}

TEST(Terms, HoldNothingButLettersAndDigits) {
    const std::string odd =
        "a'b \"c\" d*e f:g h&i (j) k|l !m \\n o-p\x01q 🙂 🏳️‍🌈 · ' -- ; NEAR AND";
    for (const auto& term : make_terms(odd, "de"))
        for (const unsigned char c : term)
            EXPECT_TRUE(c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) << term;
}

TEST(Query, TakesEveryFormOfAWordAndTheBeginningOfTheLast) {
    const auto query = make_query("Schleifen programmieru");
    ASSERT_THAT(query, SizeIs(2));
    EXPECT_THAT(query[0].forms, Contains("schleif"));
    EXPECT_FALSE(query[0].begins);
    EXPECT_EQ(query[1].begins, "programmieru");
}

TEST(Query, OfNoWordsIsNone) {
    for (const auto* text : {"", "  ", "🙂", "\"'*()&|!:", "- -- ---", "\xF0\x9F"})
        EXPECT_THAT(make_query(text), IsEmpty()) << text;
}

TEST(Query, HasAnEnd) {
    EXPECT_THAT(make_query(std::string(10'000, 'x')), SizeIs(::testing::Le(1u)));
    std::string many;
    for (int i = 0; i < 5000; ++i)
        many += "a" + std::to_string(i) + " ";
    EXPECT_THAT(make_query(many), SizeIs(12));
    EXPECT_EQ(trim_query("  a b\n"), "a b");
    const auto cut = trim_query(std::string(longest_query - 1, 'x') + "ß");
    EXPECT_EQ(cut, std::string(longest_query - 1, 'x')) << "at a character, not within";
}

TEST(PlainText, IsWhatAReaderSees) {
    SafeHtml html;
    html.markup("<h2 id=\"a\">")
        .text("A<b")
        .markup("</h2><p>")
        .text("Q&A ")
        .markup("<em>")
        .text("pre")
        .markup("</em>")
        .text("fix")
        .markup("<br>")
        .text("end")
        .markup("</p>");
    EXPECT_EQ(plain_text(html), " A<b  Q&A prefix end ");
    EXPECT_EQ(plain_text(SafeHtml()), "");
}

}  // namespace
}  // namespace calyptenora::platform
