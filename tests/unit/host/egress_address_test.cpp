#include "host/egress_address.hpp"

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

bool is_public(const char* text) {
    return host::is_public(boost::asio::ip::make_address(text));
}

TEST(EgressAddress, TellsPublicFromInternal) {
    for (const auto* text :
         {"8.8.8.8", "93.184.216.34", "172.32.0.1", "172.15.255.255", "100.128.0.1", "192.167.1.1",
          "223.255.255.254", "2a00:1450::1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"})
        EXPECT_TRUE(is_public(text)) << text;
    for (const auto* text : {"127.0.0.1",
                             "127.255.255.255",
                             "0.0.0.0",
                             "10.1.2.3",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "100.127.255.255",
                             "224.0.0.1",
                             "239.1.1.1",
                             "240.0.0.1",
                             "255.255.255.255",
                             "192.0.2.1",
                             "198.18.0.1",
                             "::",
                             "::1",
                             "fe80::1",
                             "fc00::1",
                             "fd12::1",
                             "ff02::1",
                             "2001:db8::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "::ffff:169.254.169.254",
                             "64:ff9b::7f00:1",
                             "64:ff9b:1::1",
                             "2002:7f00:1::1",
                             "2001::1",
                             "::127.0.0.1",
                             "fec0::1"})
        EXPECT_FALSE(is_public(text)) << text;
}

}  // namespace
}  // namespace calyptenora::host
