#include "http/target.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

TEST(Target, IsDecoded) {
    auto target = parse_target("/kurse/%C3%BCben+x/?q=a+b%26&leer=&nur&&q=2");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path,
              "/kurse/\xc3\xbc"
              "ben+x/");
    EXPECT_EQ(target->raw_path, "/kurse/%C3%BCben+x/");
    EXPECT_EQ(target->query.find("q"), "a b&");
    EXPECT_EQ(target->query.all("q").size(), 2U);
    EXPECT_EQ(target->query.find("leer"), "");
    EXPECT_EQ(target->query.find("nur"), "");
    EXPECT_FALSE(target->query.find("anders"));
}

TEST(Target, Utf8) {
    for (const auto* good : {"", "a", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(is_clean_utf8(good)) << good;
    }
    for (const auto* bad :
         {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xff"}) {
        EXPECT_FALSE(is_clean_utf8(bad));
    }
    EXPECT_FALSE(is_clean_utf8(std::string_view("a\0b", 3)));
}

TEST(Target, LocalTargetsOnly) {
    EXPECT_EQ(find_local_target("/courses?x=1"), "/courses?x=1");
    for (const auto* text :
         {"", "courses", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y"}) {
        EXPECT_FALSE(find_local_target(text)) << text;
    }
}

TEST(Target, EncodingIsUndone) {
    std::string all;
    for (int c = 0; c < 256; ++c) {
        all += static_cast<char>(c);
    }
    EXPECT_EQ(find_percent_decoded(percent_encode(all)), all);
    EXPECT_EQ(percent_encode("a-._~/ "), "a-._~%2F%20");
}

}  // namespace
}  // namespace calyptenora::http
