#pragma once

#include <boost/asio/ip/address.hpp>

namespace calyptenora::host {

/// Whether an address belongs to the public Internet: none of the special-purpose ranges of RFC 6890 and the
/// IANA registries (loopback, private, link-local, unique-local, shared, multicast, documentation, reserved).
/// An IPv6 address that carries an IPv4 one (mapped, compatible, NAT64, 6to4) is judged by that one as well.
bool is_public(const boost::asio::ip::address& address);

}  // namespace calyptenora::host
