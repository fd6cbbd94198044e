#pragma once

#include "http/fields.hpp"
#include "http/security_headers.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::http {

/// The proxies that may say who the client is: addresses or networks (`10.0.0.0/8`, `fd00::/8`).
class TrustedProxies {
  public:
    TrustedProxies() = default;

    /// Errors (invalid_config) name the entry that is no address or network.
    static Result<TrustedProxies> parse(const std::vector<std::string>& entries);

    bool contains(const boost::asio::ip::address& address) const;

  private:
    struct Network {
        boost::asio::ip::address_v6 address;  // IPv4 mapped
        unsigned prefix_bits;
    };
    std::vector<Network> networks_;
};

struct Client {
    boost::asio::ip::address address;
    Scheme scheme;
};

/// Who sent a request. X-Forwarded-For and X-Forwarded-Proto count only when `peer` is trusted; the list is
/// read from its end, and the first address that is not trusted is the client, as everything left of it is
/// the client's claim.
Client find_client(const boost::asio::ip::address& peer, Scheme scheme, const Headers& headers,
                   const TrustedProxies& proxies);

}  // namespace calyptenora::http
