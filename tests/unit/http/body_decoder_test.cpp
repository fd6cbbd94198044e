#include "http/body_decoder.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

struct Decoded {
    BodyState state;
    std::string body;
    std::size_t used;
};

/// Feeds `bytes` in pieces of `step`, as the connection does.
Decoded decode(std::string_view framing_line, std::string_view bytes, std::size_t step,
               std::uint64_t limit = 1000) {
    std::string block = "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(framing_line) + "\r\n\r\n";
    auto checked = check_framing(block, HostNames({"a"}), 80, {});
    BodyDecoder decoder(block, std::get<RequestHead>(checked), limit);
    std::string pending;
    std::size_t used = 0;
    for (std::size_t at = 0; at < bytes.size() && decoder.state() == BodyState::incomplete; at += step) {
        pending += bytes.substr(at, step);
        auto taken = decoder.feed(pending);
        used += taken;
        pending.erase(0, taken);
    }
    auto state = decoder.state();
    return {state, state == BodyState::complete ? decoder.take_body() : "", used};
}

TEST(BodyDecoder, StopsExactlyAtTheEnd) {
    const std::string chunked = "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nX: 1\r\n\r\n";
    for (std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
        auto first = decode("Content-Length: 5", "abcdeGET /", step);
        EXPECT_EQ(first.body, "abcde");
        EXPECT_EQ(first.used, 5U);
        auto second = decode("Transfer-Encoding: chunked", chunked + "GET /", step);
        EXPECT_EQ(second.body, "abcde") << step;
        EXPECT_EQ(second.used, chunked.size()) << step;
    }
}

TEST(BodyDecoder, HoldsTheLimit) {
    EXPECT_EQ(decode("Content-Length: 1000", std::string(1000, 'a'), 100).state, BodyState::complete);
    EXPECT_EQ(decode("Content-Length: 1001", "a", 1).state, BodyState::too_large);
    EXPECT_EQ(
        decode("Transfer-Encoding: chunked", "3e8\r\n" + std::string(1000, 'a') + "\r\n0\r\n\r\n", 64).state,
        BodyState::complete);
    EXPECT_EQ(decode("Transfer-Encoding: chunked", "3e9\r\n", 64).state, BodyState::too_large);
}

TEST(BodyDecoder, BoundsWhatIsNoBody) {
    std::string endless = "1;a=" + std::string(100'000, 'b');
    EXPECT_EQ(decode("Transfer-Encoding: chunked", endless, 1000).state, BodyState::malformed);
    std::string padded;
    for (int i = 0; i < 100; ++i) {
        padded += "1;a=" + std::string(4000, 'b') + "\r\nx\r\n";
    }
    EXPECT_EQ(decode("Transfer-Encoding: chunked", padded, 1000).state, BodyState::too_large);
}

/// Data that looks like a folded line is data; in a trailer it is refused.
TEST(BodyDecoder, FoldedLinesInTrailersOnly) {
    EXPECT_EQ(decode("Transfer-Encoding: chunked", "4\r\n\r\n a\r\n0\r\n\r\n", 1).body, "\r\n a");
    EXPECT_EQ(decode("Transfer-Encoding: chunked", "1\r\na\r\n0\r\nX: 1\r\n 2\r\n\r\n", 1).state,
              BodyState::malformed);
}

}  // namespace
}  // namespace calyptenora::http
