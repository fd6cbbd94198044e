#include "host/egress_connection.hpp"

#include "host/egress_address.hpp"
#include "host/egress_target.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

namespace calyptenora::host {

namespace asio = boost::asio;
namespace ip = asio::ip;
using boost::system::error_code;

namespace {

constexpr auto in_tuple = asio::as_tuple(asio::use_awaitable);

std::string without_brackets(const std::string& host) {
    return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

asio::awaitable<Result<std::vector<ip::address>>> look_up(const EgressNetwork& network,
                                                          const std::string& host) {
    error_code failure;
    if (const auto literal = ip::make_address(without_brackets(host), failure); !failure)
        co_return std::vector{literal};
    if (network.resolve)
        co_return co_await network.resolve(host);
    ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    auto [failed, found] = co_await resolver.async_resolve(host, "", in_tuple);
    if (failed)
        co_return Error(ErrorKind::temporary,
                        fmt::format("{} cannot be resolved: {}", host, failed.message()));
    std::vector<ip::address> addresses;
    for (const auto& entry : found)
        addresses.push_back(entry.endpoint().address());
    co_return addresses;
}

}  // namespace

struct EgressConnection::State {
    State(const asio::any_io_executor& executor, settings::HostPort host_and_port)
        : where(std::move(host_and_port)), socket(executor), timer(executor) {}

    settings::HostPort where;
    Socket socket;
    std::optional<TlsStream> tls;
    asio::steady_timer timer;
    bool expired = false;
};

namespace {

/// Closes the connection at the deadline, if it is still there.
template <class State>
void watch(const std::shared_ptr<State>& state, std::chrono::milliseconds time) {
    state->timer.expires_after(time);
    state->timer.async_wait([weak = std::weak_ptr(state)](const error_code& stopped) {
        const auto alive = weak.lock();
        if (!alive || stopped)
            return;
        alive->expired = true;
        error_code ignored;
        alive->socket.close(ignored);
    });
}

}  // namespace

Result<std::unique_ptr<EgressNetwork>> EgressNetwork::open(const settings::Egress& settings,
                                                           ResolveHost resolve) {
    auto network = std::make_unique<EgressNetwork>();
    network->settings = settings;
    network->resolve = std::move(resolve);
    error_code failure;
    network->tls.set_default_verify_paths(failure);
    if (!settings.ca_file.empty())
        network->tls.load_verify_file(settings.ca_file.string(), failure);
    if (failure)
        return Error(ErrorKind::invalid_config,
                     fmt::format("egress.ca_file: {}: {}", settings.ca_file.string(), failure.message()));
    network->tls.set_verify_mode(asio::ssl::verify_peer);
    SSL_CTX_set_min_proto_version(network->tls.native_handle(), TLS1_2_VERSION);
    return network;
}

bool EgressNetwork::is_allowed_private(const settings::HostPort& where) const {
    return names_host(settings.allow_private, where, 443);
}

EgressConnection::EgressConnection(std::shared_ptr<State> state) : state_(std::move(state)) {}

EgressConnection::~EgressConnection() {
    error_code ignored;
    state_->socket.close(ignored);
    state_->timer.cancel();
}

EgressConnection::Socket& EgressConnection::socket() {
    return state_->socket;
}

EgressConnection::TlsStream& EgressConnection::tls() {
    return *state_->tls;
}

bool EgressConnection::is_secured() const {
    return state_->tls.has_value();
}

asio::awaitable<Result<std::unique_ptr<EgressConnection>>> EgressConnection::connect(
    const EgressNetwork& network, settings::HostPort where, std::chrono::milliseconds total) {
    const auto started = std::chrono::steady_clock::now();
    const auto name = fmt::format("{}:{}", where.host, where.port);
    auto addresses = co_await look_up(network, where.host);
    if (!addresses)
        co_return addresses.error();
    std::vector<ip::tcp::endpoint> endpoints;
    const bool private_allowed = network.is_allowed_private(where);
    for (const auto& address : *addresses)
        if (private_allowed || is_public(address))
            endpoints.emplace_back(address, where.port);
    if (endpoints.empty())
        co_return addresses->empty()
            ? Error(ErrorKind::temporary, fmt::format("{} has no address", name))
            : Error(ErrorKind::denied,
                    fmt::format("{} leads to the internal address {}; if that is meant, add it to "
                                "egress.allow_private",
                                name, addresses->front().to_string()));

    const auto state = std::make_shared<State>(co_await asio::this_coro::executor, std::move(where));
    std::unique_ptr<EgressConnection> connection(new EgressConnection(state));
    watch(state, std::min<std::chrono::milliseconds>(total, network.settings.connect_seconds));
    auto [failed, peer] = co_await asio::async_connect(state->socket, endpoints, in_tuple);
    if (failed)
        co_return connection->error_of(failed, "connecting");
    const auto spent = std::chrono::steady_clock::now() - started;
    watch(state, std::max(std::chrono::milliseconds(1),
                          total - std::chrono::duration_cast<std::chrono::milliseconds>(spent)));
    connection->loopback_ = peer.address().is_loopback();
    error_code ignored;
    state->socket.set_option(ip::tcp::no_delay(true), ignored);
    co_return connection;
}

asio::awaitable<Status> EgressConnection::start_tls(EgressNetwork& network) {
    const auto host = without_brackets(state_->where.host);
    auto& tls = state_->tls.emplace(state_->socket, network.tls);
    error_code is_name;
    ip::make_address(host, is_name);
    if (is_name && SSL_set_tlsext_host_name(tls.native_handle(), host.c_str()) != 1)
        co_return Error(ErrorKind::invalid_input, host + " cannot be named in TLS");
    tls.set_verify_callback(asio::ssl::host_name_verification(host));
    auto [failed] = co_await tls.async_handshake(asio::ssl::stream_base::client, in_tuple);
    if (!failed)
        co_return Status();
    const auto verdict = SSL_get_verify_result(tls.native_handle());
    const bool refused_by_us =
        failed.category() == asio::error::get_ssl_category() &&
        ERR_GET_REASON(static_cast<unsigned long>(failed.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    if (state_->expired || !refused_by_us)
        co_return error_of(failed, "negotiating TLS");
    co_return Error(
        ErrorKind::temporary,
        fmt::format(
            "{}:{} has no valid certificate ({}); if it is signed by an authority of your own, name "
            "that in egress.ca_file",
            state_->where.host, state_->where.port,
            verdict == X509_V_OK ? "it is for another name" : X509_verify_cert_error_string(verdict)));
}

Error EgressConnection::error_of(const error_code& failure, std::string_view doing) const {
    return Error(ErrorKind::temporary,
                 fmt::format("{}:{}: {} failed: {}", state_->where.host, state_->where.port, doing,
                             state_->expired ? std::string("it took too long") : failure.message()));
}

}  // namespace calyptenora::host
