#include "support/page_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace calyptenora::test {
namespace {

namespace asio = boost::asio;
using Socket = asio::ip::tcp::socket;

/// Reads to the end: every request here asks the server to close.
template <class Stream>
std::string send_and_read(Stream& stream, const std::string& request) {
    asio::write(stream, asio::buffer(request));
    std::string answer;
    boost::system::error_code end;
    asio::read(stream, asio::dynamic_buffer(answer), end);
    if (end != asio::error::eof)
        throw boost::system::system_error(end);
    return answer;
}

std::string encoded(std::string_view text) {
    std::string out;
    for (const unsigned char c : text)
        out += std::isalnum(c) ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
    return out;
}

std::string between(const std::string& text, std::string_view before, char after) {
    const auto from = text.find(before);
    if (from == std::string::npos)
        return {};
    return text.substr(from + before.size(), text.find(after, from + before.size()) - from - before.size());
}

}  // namespace

std::string PageClient::exchange(const std::string& request) const {
    asio::io_context io;
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port_);
    if (!trusted_) {
        Socket socket(io);
        socket.connect(server);
        return send_and_read(socket, request);
    }
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.load_verify_file(trusted_->string());
    context.set_verify_mode(asio::ssl::verify_peer);
    context.set_verify_callback(asio::ssl::host_name_verification("localhost"));
    asio::ssl::stream<Socket> stream(io, context);
    SSL_set_tlsext_host_name(stream.native_handle(), "localhost");
    stream.next_layer().connect(server);
    stream.handshake(asio::ssl::stream_base::client);
    return send_and_read(stream, request);
}

Page PageClient::ask(const std::string& head, const std::string& body) {
    std::string cookies;
    for (const auto& [name, value] : cookies_)
        cookies += (cookies.empty() ? "Cookie: " : "; ") + name + "=" + value;
    if (!cookies.empty())
        cookies += "\r\n";
    const auto answer =
        exchange(fmt::format("{}Host: localhost:{}\r\nConnection: close\r\nUser-Agent: {}\r\n"
                             "Accept-Language: {}\r\n{}Content-Length: {}\r\n\r\n{}",
                             head, port_, user_agent_, language_, cookies, body.size(), body));
    Page page;
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string::npos)
        throw boost::system::system_error(asio::error::eof);
    page.status = std::stoi(answer.substr(9, 3));
    page.body = answer.substr(end + 4);
    for (std::size_t from = answer.find("\r\n") + 2; from < end;) {
        const auto line = answer.substr(from, answer.find("\r\n", from) - from);
        from += line.size() + 2;
        if (line.starts_with("Location: "))
            page.location = line.substr(10);
        if (line.starts_with("Set-Cookie: "))
            cookies_[between(line, "Set-Cookie: ", '=')] = between(line, "=", ';');
    }
    if (auto token = between(page.body, "name=\"csrf\" value=\"", '"'); !token.empty())
        token_ = std::move(token);
    return page;
}

Page PageClient::get(const std::string& path) {
    return ask(fmt::format("GET {} HTTP/1.1\r\n", path), {});
}

Page PageClient::post(const std::string& path, const Fields& fields) {
    std::string body = "csrf=" + encoded(token_);
    for (const auto& [name, value] : fields)
        body += "&" + encoded(name) + "=" + encoded(value);
    return ask(fmt::format("POST {} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n", path),
               body);
}

}  // namespace calyptenora::test
