#include "host/egress_address.hpp"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <array>

namespace calyptenora::host {

namespace ip = boost::asio::ip;

namespace {

constexpr std::array<const char*, 17> special_v4{
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",   "127.0.0.0/8",     "169.254.0.0/16",
    "172.16.0.0/12",  "192.0.0.0/24",   "192.0.2.0/24",    "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",   "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/3"};

bool is_public_v4(const ip::address_v4& address) {
    return std::ranges::none_of(special_v4, [&](const char* range) {
        const auto network = ip::make_network_v4(range);
        return ip::network_v4(address, network.prefix_length()).canonical() == network.canonical();
    });
}

/// Only 2000::/3 is handed out; of it, these are not the Internet.
constexpr std::array<const char*, 4> special_v6{"2001::/23", "2001:db8::/32", "2620:4f:8000::/48",
                                                "3fff::/20"};

bool is_in(const ip::address_v6& address, const char* range) {
    const auto network = ip::make_network_v6(range);
    return ip::network_v6(address, network.prefix_length()).canonical() == network.canonical();
}

/// The IPv4 address in four bytes of an IPv6 address.
ip::address_v4 embedded(const ip::address_v6& address, std::size_t at) {
    const auto bytes = address.to_bytes();
    return ip::address_v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]});
}

bool is_public_v6(const ip::address_v6& address) {
    if (address.scope_id() != 0)
        return false;
    if (is_in(address, "64:ff9b::/96"))
        return is_public_v4(embedded(address, 12));
    if (is_in(address, "2002::/16"))
        return is_public_v4(embedded(address, 2));
    return is_in(address, "2000::/3") &&
           std::ranges::none_of(special_v6, [&](const char* range) { return is_in(address, range); });
}

}  // namespace

bool is_public(const ip::address& address) {
    if (address.is_v4())
        return is_public_v4(address.to_v4());
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped())
        return is_public_v4(ip::make_address_v4(ip::v4_mapped, v6));
    return is_public_v6(v6);
}

}  // namespace calyptenora::host
