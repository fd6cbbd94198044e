#include "http/client_address.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

using boost::asio::ip::make_address;

std::string client(std::string_view peer, std::vector<std::string_view> forwarded) {
    auto proxies = TrustedProxies::parse({"10.0.0.0/8", "192.0.2.1", "fd00::/8"}).value();
    Headers headers;
    for (auto value : forwarded) {
        headers.add("X-Forwarded-For", value);
    }
    return find_client(make_address(peer), Scheme::http, headers, proxies).address.to_string();
}

TEST(ClientAddress, CountsFromTrustedProxiesOnly) {
    EXPECT_EQ(client("203.0.113.5", {"198.51.100.1"}), "203.0.113.5");
    EXPECT_EQ(client("10.1.2.3", {"198.51.100.1"}), "198.51.100.1");
    EXPECT_EQ(client("::ffff:10.1.2.3", {"198.51.100.1"}), "198.51.100.1");
    EXPECT_EQ(client("fd12::1", {"2001:db8::7"}), "2001:db8::7");
    EXPECT_EQ(client("192.0.2.2", {"198.51.100.1"}), "192.0.2.2");
}

TEST(ClientAddress, ReadsFromTheEnd) {
    EXPECT_EQ(client("10.1.2.3", {"1.1.1.1, 198.51.100.1, 10.9.9.9"}), "198.51.100.1");
    EXPECT_EQ(client("10.1.2.3", {"1.1.1.1", "198.51.100.1"}), "198.51.100.1");
    EXPECT_EQ(client("10.1.2.3", {"198.51.100.1, rubbish"}), "10.1.2.3");
    EXPECT_EQ(client("10.1.2.3", {}), "10.1.2.3");
}

TEST(ClientAddress, NamesTheBadEntry) {
    for (const auto* entry : {"10.0.0.0/33", "fd00::/129", "10.0.0.0/", "proxy.example", "10.0.0.0/8x"}) {
        auto parsed = TrustedProxies::parse({entry});
        ASSERT_FALSE(parsed) << entry;
        EXPECT_NE(parsed.error().message.find(entry), std::string::npos);
    }
}

}  // namespace
}  // namespace calyptenora::http
