#include "http/listener.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace calyptenora::http {

namespace asio = boost::asio;

namespace {

Error config_error(std::string message) {
    return Error(ErrorKind::invalid_config, std::move(message));
}

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                    unsigned in_length, void*) {
    constexpr std::string_view ours{"\x08http/1.1", 9};
    unsigned char* chosen = nullptr;
    int outcome =
        SSL_select_next_proto(&chosen, out_length, reinterpret_cast<const unsigned char*>(ours.data()),
                              static_cast<unsigned>(ours.size()), in, in_length);
    *out = chosen;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::shared_ptr<asio::ssl::context>> load_tls(const TlsFiles& files, MinimumTls minimum) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    auto* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, minimum == MinimumTls::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(native,
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(native, select_http_1_1, nullptr);
    boost::system::error_code error;
    context->use_certificate_chain_file(files.certificate.string(), error);
    if (error) {
        return config_error(
            fmt::format("TLS certificate {}: {}. It must be a readable PEM file with the server's "
                        "certificate first",
                        files.certificate.string(), error.message()));
    }
    context->use_private_key_file(files.private_key.string(), asio::ssl::context::pem, error);
    if (error) {
        return config_error(
            fmt::format("TLS private key {}: {}. It must be a readable PEM file that belongs to "
                        "the certificate {}",
                        files.private_key.string(), error.message(), files.certificate.string()));
    }
    const auto* certificate = SSL_CTX_get0_certificate(native);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        return config_error(
            fmt::format("TLS certificate {} has expired. Renew it", files.certificate.string()));
    }
    return context;
}

}  // namespace

Result<Listener> Listener::open_listener(const ListenerOptions& options) {
    boost::system::error_code error;
    auto address = asio::ip::make_address(options.address, error);
    if (error) {
        return config_error(
            fmt::format("'{}' is no IP address to listen on. Write for example 127.0.0.1, or 0.0.0.0 "
                        "for all",
                        options.address));
    }
    if (!options.tls && options.peers == Peers::anybody && !address.is_loopback()) {
        return config_error(fmt::format(
            "refusing to serve plain HTTP on {}: browsers drop the session cookie and "
            "Sec-Fetch-Site there, so nobody "
            "could sign in safely. Configure a TLS certificate and key, or name the proxy that speaks "
            "TLS, or listen on 127.0.0.1",
            options.address));
    }
    Listener listener;
    listener.is_ipv6_ = address.is_v6();
    listener.peers_ = options.peers;
    if (options.tls) {
        auto tls = load_tls(*options.tls, options.minimum_tls);
        if (!tls) {
            return tls.error();
        }
        listener.tls_ = std::move(*tls);
    }
    asio::ip::tcp::endpoint endpoint(address, options.port);
    listener.descriptor_ =
        ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    int on = 1;
    ::setsockopt(listener.descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (listener.descriptor_ < 0 ||
        ::bind(listener.descriptor_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
        ::listen(listener.descriptor_, SOMAXCONN) != 0) {
        return Error(ErrorKind::temporary,
                     fmt::format("cannot listen on {} port {}: {}. Choose another port, or stop what uses it",
                                 options.address, options.port, std::strerror(errno)));
    }
    auto length = static_cast<socklen_t>(endpoint.capacity());
    ::getsockname(listener.descriptor_, endpoint.data(), &length);
    listener.port_ = endpoint.port();
    return listener;
}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      port_(other.port_),
      is_ipv6_(other.is_ipv6_),
      peers_(other.peers_),
      tls_(std::move(other.tls_)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(port_, other.port_);
    std::swap(is_ipv6_, other.is_ipv6_);
    std::swap(peers_, other.peers_);
    std::swap(tls_, other.tls_);
    return *this;
}

Listener::~Listener() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

int Listener::release_descriptor() {
    return std::exchange(descriptor_, -1);
}

}  // namespace calyptenora::http
