#include "http/framing_check.hpp"

#include <gtest/gtest.h>

/// The refusals are in tests/integration/http/malformed; here is what the accepted ones are read as.
namespace calyptenora::http {
namespace {

RequestHead accepted(std::string_view block) {
    static const HostNames hosts({"Learn.Example", "proxied.example:8443"});
    auto checked = check_framing(block, hosts, 443, {});
    EXPECT_TRUE(std::holds_alternative<RequestHead>(checked)) << block;
    return std::holds_alternative<RequestHead>(checked) ? std::get<RequestHead>(checked) : RequestHead{};
}

TEST(FramingCheck, ReadsTheHead) {
    auto head =
        accepted("POST /a?b=c HTTP/1.1\r\nhOST: LEARN.example:443\r\nContent-Length:  7 \r\nEmpty:\r\n\r\n");
    EXPECT_EQ(head.method, Method::POST);
    EXPECT_EQ(head.target, "/a?b=c");
    EXPECT_EQ(head.host, "LEARN.example:443");
    EXPECT_EQ(head.body, BodyFraming::content_length);
    EXPECT_EQ(head.content_length, 7U);
    EXPECT_EQ(head.fields.size(), 3U);
    EXPECT_FALSE(head.wants_close);
}

TEST(FramingCheck, ReadsConnectionAndExpectation) {
    EXPECT_TRUE(
        accepted("GET / HTTP/1.1\r\nHost: learn.example\r\nConnection: x,  CLOSE\r\n\r\n").wants_close);
    EXPECT_FALSE(accepted("GET / HTTP/1.1\r\nHost: learn.example\r\nConnection: closed\r\n\r\n").wants_close);
    auto head = accepted(
        "POST / HTTP/1.1\r\nHost: learn.example\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
    EXPECT_TRUE(head.expects_continue);
    EXPECT_EQ(accepted("POST / HTTP/1.1\r\nHost: learn.example\r\nContent-Length: 0\r\n\r\n").body,
              BodyFraming::none);
}

TEST(FramingCheck, HostNamesWithPorts) {
    HostNames hosts({"learn.example", "proxied.example:8443"});
    EXPECT_TRUE(hosts.accepts("learn.example", 443));
    EXPECT_TRUE(hosts.accepts("learn.example:443", 443));
    EXPECT_FALSE(hosts.accepts("learn.example:444", 443));
    EXPECT_TRUE(hosts.accepts("proxied.example:8443", 443));
    EXPECT_FALSE(hosts.accepts("proxied.example", 443));
    EXPECT_FALSE(hosts.accepts("localhost", 443));
    hosts.add_loopback();
    EXPECT_TRUE(hosts.accepts("[::1]:443", 443));
}

TEST(FramingCheck, FindsTheEndInAnyPieces) {
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nNEXT";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        for (std::size_t scanned : {std::size_t{0}, size > 0 ? size - 1 : 0, size / 2}) {
            auto scan =
                scan_header(std::string_view(text).substr(0, size), std::min(scanned, std::size_t{26}), {});
            EXPECT_EQ(std::holds_alternative<HeaderEnd>(scan), size >= 27) << size;
            EXPECT_FALSE(std::holds_alternative<FramingRefusal>(scan)) << size;
        }
    }
}

}  // namespace
}  // namespace calyptenora::http
