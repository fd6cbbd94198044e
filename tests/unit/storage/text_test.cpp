#include "storage/text.hpp"

#include <gtest/gtest.h>

namespace calyptenora::storage {
namespace {

using namespace std::string_view_literals;

TEST(ValidateText, TakesWellFormedUtf8) {
    for (const auto text : {""sv, "plain"sv, "Größe"sv, "\xe2\x82\xac"sv, "\xf0\x9f\x99\x82"sv,
                            "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv, "\x01\x7f"sv})
        EXPECT_TRUE(validate_text(text)) << text;
}

TEST(ValidateText, RefusesNulAndMalformedUtf8) {
    for (const auto text : {"a\0b"sv, "\x80"sv, "\xc3"sv, "\xc0\xaf"sv, "\xc1\xbf"sv, "\xe0\x80\xaf"sv,
                            "\xe2\x82"sv, "\xed\xa0\x80"sv, "\xf0\x80\x80\xaf"sv, "\xf4\x90\x80\x80"sv,
                            "\xf5\x80\x80\x80"sv, "\xff"sv, "ok \xe2\x28\xa1"sv})
        EXPECT_FALSE(validate_text(text)) << testing::PrintToString(text);
}

TEST(Base64Url, GoesThereAndBack) {
    const std::string all = [] {
        std::string bytes;
        for (int i = 0; i < 256; ++i)
            bytes += static_cast<char>(i);
        return bytes;
    }();
    for (std::size_t length = 0; length <= all.size(); ++length) {
        const auto text = make_base64url(std::string_view(all).substr(0, length));
        EXPECT_EQ(text.find_first_of("+/="), std::string::npos);
        EXPECT_EQ(decode_base64url(text), all.substr(0, length));
    }
}

TEST(Base64Url, RefusesWhatItNeverWrites) {
    for (const auto text : {"YQ=="sv, "Y"sv, "a+b/"sv, "YQ\n"sv, "YR"sv})
        EXPECT_FALSE(decode_base64url(text)) << text;
}

// The value is from `printf abc | b2sum -l 256`.
TEST(ContentHash, IsBlake2bOf256Bits) {
    EXPECT_EQ(make_content_hash("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

// FIPS 180-4's own examples; one of a message with a byte that is not a letter, from `printf 'a\0' |
// sha256sum`.
TEST(Sha256, IsThatOfTheStandard) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("a\0"sv), "ffe9aaeaa2a2d5048174df0b80599ef0197ec024c4b051bc9860cff58ef7f9f3");
}

}  // namespace
}  // namespace calyptenora::storage
