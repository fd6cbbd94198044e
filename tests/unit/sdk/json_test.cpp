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

// Eight characters are looked at together, so each character is tried at each place of such a group.
TEST(SdkJson, EscapesTextWhereverTheCharacterStands) {
    for (std::size_t length = 1; length <= 20; ++length)
        for (std::size_t place = 0; place < length; ++place)
            for (int c = 0; c < 128; ++c) {
                std::string text = std::string("abcdefghijklmnopqrstuvwxyz").substr(0, length);
                text[place] = static_cast<char>(c);
                std::string written;
                write_json_text(written, text);
                const auto read = boost::json::parse(written);
                ASSERT_EQ(std::string_view(read.get_string()), text) << written;
                ASSERT_EQ(written.find_first_of(std::string("\n\r\t\0\x1f", 5)), std::string::npos);
            }
    EXPECT_EQ(to_json(std::string("say \"no\" \\ \n\r\t\x01\x1f \xc3\xa4")),
              R"("say \"no\" \\ \n\r\t\u0001\u001f )"
              "\xc3\xa4\"");
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
