#include <calyptenora/families/auth.hpp>
#include <calyptenora/host.hpp>

#include <gtest/gtest.h>

namespace calyptenora {

TEST(SdkJson, VariantsCarryTheirTag) {
    const auth::Step step = auth::Refusal{"wrong_credentials", 30};
    EXPECT_EQ(to_json(step), R"({"denied":{"reason":"wrong_credentials","retry_after_s":30}})");
    const auto read = parse_json<auth::Step>(to_json(step));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<auth::Refusal>(*read).reason, "wrong_credentials");
    EXPECT_FALSE(parse_json<auth::Step>(R"({"granted":{}})"));
    EXPECT_FALSE(parse_json<auth::Step>(R"({"denied":{"reason":"x"},"done":{"method":"pwd"}})"));
}

TEST(SdkJson, ErrorsNameThePlace) {
    const auto read =
        parse_json<auth::Step>(R"({"prompt":{"fields":[{"name":"p","kind":"password","min_length":"x"}]}})");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, ".prompt.fields[0].min_length: expected a whole number in range");
}

TEST(SdkJson, TextIsEscaped) {
    EXPECT_EQ(to_json(std::string("a\"b\\\n\x01ü")), "\"a\\\"b\\\\\\n\\u0001ü\"");
}

TEST(SdkJson, Base64RoundTripsEveryLengthAndRefusesRubbish) {
    std::string bytes;
    for (int i = 0; i < 70; ++i) {
        EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
        bytes.push_back(static_cast<char>(i * 37));
    }
    for (const auto* bad : {"A", "AB=C", "=AAA", "A=AA", "AAAA====", "AA\nA",
                            "AA=="
                            "AAAA"})
        EXPECT_FALSE(decode_base64(bad)) << bad;
}

TEST(SdkJson, DepthIsBounded) {
    EXPECT_FALSE(parse_json<boost::json::value>(std::string(100'000, '[')));
}

}  // namespace calyptenora
