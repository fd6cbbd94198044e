#pragma once

#include "http/body_decoder.hpp"
#include "http/response_head.hpp"
#include "http/server.hpp"
#include "http/transport.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <variant>

namespace calyptenora::http {

/// What all connections of a server share; outlives them.
struct ConnectionServices {
    const ServerOptions& options;
    const Router& router;
    const ErrorRenderer& render_error;
    const FailureLog& log;
    Admission& admission;
    RateLimiter* limiter;  ///< Null without a limit.
    boost::asio::thread_pool& files;
    const std::atomic<bool>& is_draining;
};

/// Where a connection came in, and what admission said.
struct ConnectionFacts {
    boost::asio::ip::address peer;
    std::uint16_t local_port = 0;
    Scheme scheme = Scheme::http;
    Admission::Door door = Admission::Door::open;
    std::string admission_key;
};

/// One client's connection: reads requests one after the other, so pipelined ones wait in the socket, and
/// answers in order. Everything runs on the strand of `executor`. Leaves `admission` when destroyed.
class Connection {
  public:
    Connection(ConnectionServices services, ConnectionFacts facts, boost::asio::any_io_executor executor,
               std::unique_ptr<Transport> transport);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Ends when the connection is closed.
    boost::asio::awaitable<void> serve();

    /// Closes now if no request is in progress, else after its answer. On the strand.
    void drain();

    /// Closes now and cancels a handler in progress. On the strand.
    void cut();

    const boost::asio::any_io_executor& executor() const { return executor_; }
    boost::asio::cancellation_slot cancellation_slot() { return cancellation_.slot(); }

  private:
    struct Gone {};
    struct Answer {
        Response response;
        ConnectionFate fate = ConnectionFate::keep;
    };
    using Received = std::variant<std::string, FramingRefusal, Gone>;
    enum class Phase : std::uint8_t { idle, busy };

    boost::asio::awaitable<ConnectionFate> serve_one();
    boost::asio::awaitable<Received> receive_header();
    boost::asio::awaitable<std::variant<Answer, Gone>> answer(Request& request, const RequestHead& head,
                                                              std::string_view block);
    boost::asio::awaitable<BodyState> receive_body(BodyDecoder& decoder, bool expects_continue);
    boost::asio::awaitable<Response> call_handler(const Router::Found& found, Request& request);
    boost::asio::awaitable<bool> deliver(Response response, const Request& request, ConnectionFate fate);
    boost::asio::awaitable<bool> send(const Response& response, Method method, ConnectionFate fate);
    boost::asio::awaitable<bool> send_file(std::string head, const FileRange& range);
    boost::asio::awaitable<bool> send_source(std::string head, BodySource& source);
    boost::asio::awaitable<bool> send_bytes(std::string_view head, std::string_view body);
    boost::asio::awaitable<bool> read_more(std::size_t bytes, std::chrono::steady_clock::time_point deadline);

    Response make_error(const ErrorPage& page, const Request* request) const;
    Request make_request(const RequestHead& head) const;

    ConnectionServices services_;
    ConnectionFacts facts_;
    boost::asio::any_io_executor executor_;
    std::unique_ptr<Transport> transport_;
    boost::asio::cancellation_signal cancellation_;
    std::string in_;  ///< Received and not yet used; may hold the beginning of the next request.
    Phase phase_ = Phase::busy;
    bool is_cut_ = false;
};

}  // namespace calyptenora::http
