#include "host/answer_check.hpp"

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

std::string refusal(std::uint32_t status, std::string_view payload) {
    const auto answer = check_answer(status, std::string(payload), 100);
    return answer ? "" : answer.error().message;
}

TEST(AnswerCheck, TakesADocument) {
    const auto answer = check_answer(0, R"({"a":["ü",1.5,null]})", 100);
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, R"({"a":["ü",1.5,null]})");
}

TEST(AnswerCheck, RefusesWhatBreaksTheRules) {
    EXPECT_EQ(refusal(0, std::string(101, ' ')), "answered with 101 bytes; at most 100 are taken");
    EXPECT_EQ(refusal(10, "{}"), "answered with the unknown status 10");
    EXPECT_EQ(refusal(0, "\"ab\xc3\x28\""), "answered with bytes that are not UTF-8 (at byte 3)");
    for (const auto* text : {"", "{", "{}{}", "{\"a\":}", "nonsense"})
        EXPECT_EQ(refusal(0, text), "answered with something that is not a JSON document") << text;
}

TEST(AnswerCheck, ReadsThePluginsOwnError) {
    const auto answer = check_answer(7, R"({"message":"later","retry_after_s":5})", 100);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(), Error(ErrorKind::temporary, "later", std::chrono::seconds(5)));
    EXPECT_EQ(refusal(7, "nonsense"), "failed without saying why");
}

}  // namespace
}  // namespace calyptenora::host
