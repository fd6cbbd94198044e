#pragma once

#include "http/admission.hpp"
#include "http/client_address.hpp"
#include "http/framing_check.hpp"
#include "http/listener.hpp"
#include "http/rate_limit.hpp"
#include "http/router.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::http {

/// How long a peer may take. Past any of these the connection is closed without an answer.
struct Timeouts {
    std::chrono::milliseconds tls_handshake{10'000};
    std::chrono::milliseconds header{10'000};      ///< From a request's first byte to its empty line.
    std::chrono::milliseconds idle{30'000};        ///< Between two requests.
    std::chrono::milliseconds body_grace{10'000};  ///< On top of the least rate, for a body.
    std::chrono::milliseconds write_grace{
        10'000};                                ///< On top of the least rate, for each 64 KiB of an answer.
    std::chrono::milliseconds farewell{2'000};  ///< Waiting for the peer's close after ours.
    std::chrono::milliseconds drain{10'000};    ///< `stop()` waits that long for requests in progress.
    std::uint64_t least_bytes_per_second = 1024;
};

/// What an error page has to say.
struct ErrorPage {
    int status = 500;
    std::string reference;  ///< Also in the log; for support.
    std::optional<std::chrono::seconds> retry_after;
};

/// Renders an error page in the learner's language. `request` is null when the header could not be read. May
/// not block; if it throws, a plain text is sent.
using ErrorRenderer = std::function<Response(const ErrorPage&, const Request* request)>;

/// Takes a line for the operator: a handler's exception with the request's reference and the route's pattern,
/// never with a path, a query or an address.
using FailureLog = std::function<void(std::string_view line)>;

struct ServerOptions {
    HostNames hosts{{}};
    unsigned io_threads = 2;
    Timeouts timeouts;
    FramingLimits framing;
    Admission::Limits admission;
    TrustedProxies proxies;
    /// Requests of one client (`rate_key`); 429 beyond. Nothing: no limit.
    std::optional<RateLimiter::Options> rate_per_client =
        RateLimiter::Options{.tokens_per_second = 200, .burst = 1000, .max_keys = 100'000};
    /// Strict-Transport-Security on TLS. Nothing for a self-signed certificate.
    std::optional<std::chrono::seconds> hsts_max_age;
};

/// The HTTP/1.1 server: accepts, checks, routes, answers. Owns its threads and every connection's coroutine.
///
///     Server server(std::move(options), std::move(router), render_error, log);
///     std::vector<Listener> listeners; listeners.push_back(std::move(*listener));
///     server.start(std::move(listeners));
///     ... until a signal ...
///     server.stop();
class Server {
  public:
    Server(ServerOptions options, Router router, ErrorRenderer render_error, FailureLog log);
    /// Stops first.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Begins to accept. Called once.
    void start(std::vector<Listener> listeners);

    /// Stops accepting, closes idle connections, lets requests in progress end within `Timeouts::drain`, then
    /// cancels the rest and joins the threads. Blocks; not to be called from a handler. Harmless when called
    /// again.
    void stop();

    /// Where handlers run; for timers and coroutines of the platform that end before `stop()`.
    boost::asio::io_context& io_context();

    std::size_t open_connections() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// GET /healthz: 200 "ok" as long as the server answers; essential, so that it is served under overload too.
void add_health_route(Router& router);

}  // namespace calyptenora::http
