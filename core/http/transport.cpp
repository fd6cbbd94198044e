#include "http/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <array>

namespace calyptenora::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_drained_bytes = 256 * 1024;

template <class Stream>
class StreamTransport : public Transport {
  public:
    asio::awaitable<Read> read_some(asio::mutable_buffer into, Duration timeout) override {
        lowest().expires_after(timeout);
        auto [error, bytes] = co_await stream().async_read_some(into, as_result);
        co_return Read{error, bytes};
    }

    asio::awaitable<error_code> write(std::span<const asio::const_buffer> buffers,
                                      Duration timeout) override {
        lowest().expires_after(timeout);
        auto [error, bytes] = co_await asio::async_write(stream(), buffers, as_result);
        co_return error;
    }

    void cut() override { lowest().close(); }

  protected:
    virtual Stream& stream() = 0;

    beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream()); }

    asio::awaitable<void> finish_socket(Duration timeout) {
        error_code error;
        lowest().socket().shutdown(asio::socket_base::shutdown_send, error);
        lowest().expires_after(timeout);
        std::array<char, 4096> discarded{};
        std::size_t total = 0;
        while (!error && total < max_drained_bytes) {
            auto [read_error, bytes] = co_await lowest().async_read_some(asio::buffer(discarded), as_result);
            error = read_error;
            total += bytes;
        }
        lowest().close();
    }
};

class PlainTransport final : public StreamTransport<beast::tcp_stream> {
  public:
    explicit PlainTransport(asio::ip::tcp::socket socket) : stream_(std::move(socket)) {}

    asio::awaitable<error_code> handshake(Duration) override { co_return error_code{}; }
    asio::awaitable<void> finish(Duration timeout) override { return finish_socket(timeout); }

  protected:
    beast::tcp_stream& stream() override { return stream_; }

  private:
    beast::tcp_stream stream_;
};

using TlsStream = beast::ssl_stream<beast::tcp_stream>;

class TlsTransport final : public StreamTransport<TlsStream> {
  public:
    TlsTransport(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)), stream_(beast::tcp_stream(std::move(socket)), *context_) {}

    asio::awaitable<error_code> handshake(Duration timeout) override {
        lowest().expires_after(timeout);
        auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_result);
        co_return error;
    }

    asio::awaitable<void> finish(Duration timeout) override {
        // close_notify goes out, the peer's is not waited for: SSL_shutdown needs to be called once only.
        lowest().expires_after(timeout);
        SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
        co_await stream_.async_shutdown(as_result);
        co_await finish_socket(timeout);
    }

  protected:
    TlsStream& stream() override { return stream_; }

  private:
    std::shared_ptr<asio::ssl::context> context_;
    TlsStream stream_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(asio::ip::tcp::socket socket) {
    return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(asio::ip::tcp::socket socket,
                                              std::shared_ptr<asio::ssl::context> context) {
    return std::make_unique<TlsTransport>(std::move(socket), std::move(context));
}

}  // namespace calyptenora::http
