#include "http/client_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace calyptenora::http {

namespace ip = boost::asio::ip;

namespace {

ip::address_v6 as_v6(const ip::address& address) {
    return address.is_v6() ? address.to_v6() : ip::make_address_v6(ip::v4_mapped, address.to_v4());
}

bool is_in(const ip::address_v6& address, const ip::address_v6& network, unsigned prefix_bits) {
    auto left = address.to_bytes();
    auto right = network.to_bytes();
    for (unsigned bit = 0; bit < prefix_bits; ++bit) {
        auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
        if ((left[bit / 8] & mask) != (right[bit / 8] & mask)) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& entries) {
    TrustedProxies proxies;
    for (const auto& entry : entries) {
        auto refuse = [&] {
            return Error(
                ErrorKind::invalid_config,
                fmt::format("trusted proxy '{}' is neither an address nor a network such as 10.0.0.0/8",
                            entry));
        };
        auto slash = entry.find('/');
        boost::system::error_code error;
        auto address = ip::make_address(entry.substr(0, slash), error);
        if (error) {
            return refuse();
        }
        unsigned width = address.is_v4() ? 32 : 128;
        unsigned bits = width;
        if (slash != std::string::npos) {
            auto text = std::string_view(entry).substr(slash + 1);
            auto [end, number_error] = std::from_chars(text.data(), text.data() + text.size(), bits);
            if (text.empty() || number_error != std::errc{} || end != text.data() + text.size() ||
                bits > width) {
                return refuse();
            }
        }
        proxies.networks_.push_back(Network{.address = as_v6(address), .prefix_bits = bits + 128 - width});
    }
    return proxies;
}

bool TrustedProxies::contains(const ip::address& address) const {
    return std::ranges::any_of(networks_, [wanted = as_v6(address)](const Network& network) {
        return is_in(wanted, network.address, network.prefix_bits);
    });
}

Client find_client(const ip::address& peer, Scheme scheme, const Headers& headers,
                   const TrustedProxies& proxies) {
    Client client{.address = peer, .scheme = scheme};
    if (!proxies.contains(peer)) {
        return client;
    }
    std::string chain;
    for (const auto& [name, value] : headers) {
        if (is_same_name(name, "x-forwarded-for")) {
            chain += "," + value;
        }
    }
    while (!chain.empty() && proxies.contains(client.address)) {
        auto comma = chain.rfind(',');
        boost::system::error_code error;
        auto address = ip::make_address(std::string(trim(std::string_view(chain).substr(comma + 1))), error);
        if (error) {
            break;
        }
        client.address = address;
        chain.resize(comma);
    }
    if (auto proto = headers.find("x-forwarded-proto")) {
        client.scheme = *proto == "https" ? Scheme::https : Scheme::http;
    }
    return client;
}

}  // namespace calyptenora::http
