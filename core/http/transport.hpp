#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <memory>
#include <span>

namespace boost::asio::ssl {
class context;
}

namespace calyptenora::http {

/// The bytes of one connection, plain or TLS, each operation with a time-out after which the connection is
/// closed. All calls come from the connection's strand, one operation at a time; `cut` may come during one.
class Transport {
  public:
    using Duration = std::chrono::milliseconds;

    virtual ~Transport() = default;

    /// TLS handshake; nothing to do for plain connections.
    virtual boost::asio::awaitable<boost::system::error_code> handshake(Duration timeout) = 0;

    struct Read {
        boost::system::error_code error;
        std::size_t bytes = 0;
    };
    virtual boost::asio::awaitable<Read> read_some(boost::asio::mutable_buffer into, Duration timeout) = 0;

    /// Writes all of `buffers`, whose memory stays valid until then.
    virtual boost::asio::awaitable<boost::system::error_code> write(
        std::span<const boost::asio::const_buffer> buffers, Duration timeout) = 0;

    /// Says goodbye (close_notify, FIN) and reads on for a short, bounded while, because a close with unread
    /// input sends a RST that can destroy an answer on its way.
    virtual boost::asio::awaitable<void> finish(Duration timeout) = 0;

    /// Closes at once; pending operations end with an error.
    virtual void cut() = 0;
};

std::unique_ptr<Transport> make_plain_transport(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Transport> make_tls_transport(boost::asio::ip::tcp::socket socket,
                                              std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace calyptenora::http
