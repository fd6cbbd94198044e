#include "http/conditional.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

TEST(Conditional, MatchesEtag) {
    EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
    EXPECT_TRUE(matches_etag("\"b\", W/\"a\"", "\"a\""));
    EXPECT_TRUE(matches_etag("*", "\"a\""));
    EXPECT_FALSE(matches_etag("\"b\"", "\"a\""));
    EXPECT_FALSE(matches_etag("a", "\"a\""));
}

TEST(Conditional, ReadsOneRange) {
    using Range = std::variant<WholeFile, ByteRange, UnsatisfiableRange>;
    auto range = [](std::string_view text) { return read_range(text, 100); };
    auto is = [](const Range& value, std::uint64_t offset, std::uint64_t length) {
        const auto* bytes = std::get_if<ByteRange>(&value);
        return bytes != nullptr && *bytes == ByteRange{offset, length};
    };
    EXPECT_TRUE(is(range("bytes=0-0"), 0, 1));
    EXPECT_TRUE(is(range("bytes=10-"), 10, 90));
    EXPECT_TRUE(is(range("bytes=90-200"), 90, 10));
    EXPECT_TRUE(is(range("bytes=-30"), 70, 30));
    EXPECT_TRUE(is(range("bytes=-300"), 0, 100));
    for (const auto* text : {"bytes=100-", "bytes=-0"}) {
        EXPECT_TRUE(std::holds_alternative<UnsatisfiableRange>(range(text))) << text;
    }
    for (const auto* text : {"bytes=5-3", "bytes=a-b", "bytes=", "bytes=-", "lines=0-1", "bytes=0-1,3-4",
                             "bytes=1", "bytes=99999999999999999999-"}) {
        EXPECT_TRUE(std::holds_alternative<WholeFile>(range(text))) << text;
    }
}

TEST(Conditional, AcceptsGzip) {
    for (const auto* text : {"gzip", "br, gzip", "GZIP;q=0.1", "*", "gzip;q=0.01, *;q=0"}) {
        EXPECT_TRUE(accepts_gzip(text)) << text;
    }
    for (const auto* text : {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0", "gzipped"}) {
        EXPECT_FALSE(accepts_gzip(text)) << text;
    }
}

}  // namespace
}  // namespace calyptenora::http
