#include "http/response_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ResponseHead, FramesByContentLengthOnly) {
    auto response = Response::make_text("hello");
    response.headers.set("Content-Length", "99");
    response.headers.set("Transfer-Encoding", "chunked");
    auto head = make_head(response, {});
    EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Length: 5\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("99")));
    EXPECT_THAT(head, Not(HasSubstr("chunked")));
    EXPECT_THAT(head, testing::EndsWith("\r\n\r\n"));
    EXPECT_THAT(make_head(Response::make_empty(204), {}), Not(HasSubstr("Content-Length")));
    EXPECT_THAT(make_head(redirect("/a"), {}), HasSubstr("303 See Other\r\n"));
    EXPECT_THAT(make_head(redirect("/a"), {}), HasSubstr("Content-Length: 0\r\n"));
}

TEST(ResponseHead, StrangersCannotWriteHeaders) {
    EXPECT_THROW(redirect("/a\r\nSet-Cookie: x=y"), std::invalid_argument);
    Headers headers;
    EXPECT_THROW(headers.set("A\r\nB", "c"), std::invalid_argument);
    EXPECT_THROW(headers.add("A", std::string_view("b\0c", 3)), std::invalid_argument);
}

TEST(ResponseHead, Date) {
    EXPECT_EQ(http_date(std::chrono::system_clock::from_time_t(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(GlobalPrivacyControl, IsExactlyOne) {
    auto signals = [](std::vector<std::string_view> values) {
        Request request;
        for (auto value : values) {
            request.headers.add("Sec-GPC", value);
        }
        return request.signals_global_privacy_control();
    };
    EXPECT_TRUE(signals({"1"}));
    EXPECT_FALSE(signals({}));
    EXPECT_FALSE(signals({"0"}));
    EXPECT_FALSE(signals({"true"}));
    EXPECT_FALSE(signals({"1", "1"}));
}

}  // namespace
}  // namespace calyptenora::http
