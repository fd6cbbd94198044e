#pragma once

#include "http/security_headers.hpp"

#include <calyptenora/result.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace calyptenora::http {

struct TlsFiles {
    std::filesystem::path certificate;  ///< PEM, the server's own first, then the intermediate ones.
    std::filesystem::path private_key;  ///< PEM.
};

enum class MinimumTls : std::uint8_t { tls_1_2, tls_1_3 };

/// Who may connect.
enum class Peers : std::uint8_t {
    anybody,
    proxies,  ///< `ServerOptions::proxies` and nobody else; others get 403.
};

struct ListenerOptions {
    std::string address = "127.0.0.1";           ///< An IP address, no name.
    std::uint16_t port = 8443;                   ///< 0 takes a free one.
    std::optional<TlsFiles> tls = std::nullopt;  ///< Without it plain HTTP, on loopback only.
    MinimumTls minimum_tls = MinimumTls::tls_1_3;
    /// `proxies` allows plain HTTP beyond loopback: browsers see the proxy's TLS, and nobody gets past it.
    Peers peers = Peers::anybody;
};

/// A bound, listening socket with its TLS certificate loaded, before any thread runs: what fails here fails
/// at start.
class Listener {
  public:
    /// Errors (invalid_config) say the remedy: no IP address; plain HTTP for anybody on an address that is
    /// not loopback, where `__Host-` cookies and Sec-Fetch-Site silently fail; certificate or key missing,
    /// not fitting, expired. (temporary): the port is taken.
    static Result<Listener> open_listener(const ListenerOptions& options);

    Listener(Listener&& other) noexcept;
    Listener& operator=(Listener&& other) noexcept;
    ~Listener();

    std::uint16_t port() const { return port_; }
    Scheme scheme() const { return tls_ ? Scheme::https : Scheme::http; }
    bool is_ipv6() const { return is_ipv6_; }
    Peers peers() const { return peers_; }

    /// The socket now belongs to the caller.
    int release_descriptor();
    std::shared_ptr<boost::asio::ssl::context> tls() const { return tls_; }

  private:
    Listener() = default;

    int descriptor_ = -1;
    std::uint16_t port_ = 0;
    bool is_ipv6_ = false;
    Peers peers_ = Peers::anybody;
    std::shared_ptr<boost::asio::ssl::context> tls_;
};

}  // namespace calyptenora::http
