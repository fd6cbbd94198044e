#include "host/egress_http.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace calyptenora::host {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto in_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_limit = 64 * 1024;

http::request<http::string_body> make_message(const EgressTarget& target, const HttpRequest& request) {
    http::request<http::string_body> message;
    message.version(11);
    message.method_string(request.method);
    message.target(target.path);
    const bool usual_port = target.where.port == (target.tls ? 443 : 80);
    message.set(http::field::host, usual_port ? target.where.host : target.host_text());
    message.set(http::field::user_agent, "Calyptenora");
    message.set(http::field::accept_encoding, "identity");
    message.set(http::field::connection, "close");
    for (const auto& [name, value] : request.headers)
        message.set(name, value);
    message.body() = request.body.data;
    if (!request.body.data.empty() || request.method == "POST" || request.method == "PUT" ||
        request.method == "PATCH")
        message.content_length(request.body.data.size());
    return message;
}

HttpResponse make_response(http::response<http::string_body> message) {
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        std::string name(field.name_string());
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (name == "set-cookie")
            continue;
        auto& value = response.headers[name];
        value += (value.empty() ? "" : ", ") + std::string(field.value());
    }
    response.body.data = std::move(message.body());
    return response;
}

template <class Stream>
asio::awaitable<Result<HttpResponse>> exchange(Stream& stream, EgressConnection& connection,
                                               const EgressTarget& target, const HttpRequest& request,
                                               std::uint64_t body_limit, OnFirstWrite on_first_write) {
    const auto message = make_message(target, request);
    http::request_serializer<http::string_body> serializer(message);
    auto [header_failed, header_size] = co_await http::async_write_header(stream, serializer, in_tuple);
    if (header_failed)
        co_return connection.error_of(header_failed, "writing the request");
    co_await on_first_write();
    auto [body_failed, body_size] = co_await http::async_write(stream, serializer, in_tuple);
    // A server may answer and close before it has read everything; its answer counts then.
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.header_limit(header_limit);
    parser.body_limit(body_limit);
    if (request.method == "HEAD")
        parser.skip(true);
    auto [read_failed, read_size] = co_await http::async_read(stream, buffer, parser, in_tuple);
    if (read_failed == http::error::body_limit)
        co_return Error(ErrorKind::permanent,
                        fmt::format("{} answered with more than {} bytes", target.host_text(), body_limit));
    if (read_failed == http::error::header_limit)
        co_return Error(ErrorKind::permanent, fmt::format("{} answered with headers of more than {} bytes",
                                                          target.host_text(), header_limit));
    if (read_failed)
        co_return connection.error_of(body_failed ? body_failed : read_failed,
                                      body_failed ? "writing the request" : "reading the answer");
    co_return make_response(parser.release());
}

}  // namespace

asio::awaitable<Result<HttpResponse>> exchange_http(EgressConnection& connection, const EgressTarget& target,
                                                    const HttpRequest& request, std::uint64_t body_limit,
                                                    OnFirstWrite on_first_write) {
    if (connection.is_secured())
        co_return co_await exchange(connection.tls(), connection, target, request, body_limit,
                                    std::move(on_first_write));
    co_return co_await exchange(connection.socket(), connection, target, request, body_limit,
                                std::move(on_first_write));
}

}  // namespace calyptenora::host
