#pragma once

#include "settings/settings.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace calyptenora::host {

/// Looks a host name up. Another one than the system's is for tests.
using ResolveHost =
    std::function<boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>>(std::string host)>;

/// What all connections to the outside have in common.
struct EgressNetwork {
    settings::Egress settings;
    boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
    ResolveHost resolve;  ///< Null: the system's.

    /// `invalid_config` if the additional certificate file cannot be read.
    static Result<std::unique_ptr<EgressNetwork>> open(const settings::Egress& settings,
                                                       ResolveHost resolve = nullptr);

    /// Whether the operator has allowed this host by name, although its address is not public.
    bool is_allowed_private(const settings::HostPort& where) const;
};

/// One connection to a host outside, with one deadline for everything. To be used on a strand. What is
/// awaited on its stream fails once the deadline has passed; error_of() says which of the two it was.
class EgressConnection {
  public:
    using Socket = boost::asio::ip::tcp::socket;
    using TlsStream = boost::asio::ssl::stream<Socket&>;

    /// Resolves the name once, keeps the addresses that may be connected to, and connects to one of exactly
    /// these. `denied` if there is none: all are internal, and the operator has not allowed the host by name.
    static boost::asio::awaitable<Result<std::unique_ptr<EgressConnection>>> connect(
        const EgressNetwork& network, settings::HostPort where, std::chrono::milliseconds total);
    ~EgressConnection();

    /// Negotiates TLS and verifies the certificate against the host's name.
    boost::asio::awaitable<Status> start_tls(EgressNetwork& network);

    /// The peer's address is a loopback one.
    bool is_loopback() const { return loopback_; }
    Socket& socket();
    TlsStream& tls();
    bool is_secured() const;

    /// What a failed operation means, in words.
    Error error_of(const boost::system::error_code& failure, std::string_view doing) const;

  private:
    struct State;
    explicit EgressConnection(std::shared_ptr<State> state);

    const std::shared_ptr<State> state_;
    bool loopback_ = false;
};

}  // namespace calyptenora::host
