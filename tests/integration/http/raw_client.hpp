#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace calyptenora::http::test {

struct RawResponse {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< Names in lower case; the last of a name counts.
    std::string body;
    std::string head;
};

enum class ExpectedBody { present, absent };

/// A blocking TCP client that sends exactly the bytes it is given. Waits at most `patience` for anything:
/// long, so that a busy machine does not fail a test, and only used up when something is wrong.
class RawClient {
  public:
    static constexpr std::chrono::seconds patience{20};

    /// `from`: the loopback address to connect from.
    explicit RawClient(std::uint16_t port, int receive_buffer = 0, const char* from = "127.0.0.1") {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receive_buffer > 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        ::inet_pton(AF_INET, from, &address.sin_addr);
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(socket_);
            throw std::runtime_error("cannot connect");
        }
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// False if the server has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    void shut_down_sending() { ::shutdown(socket_, SHUT_WR); }

    /// The next response; nothing if the server closes before it is complete.
    std::optional<RawResponse> read_response(ExpectedBody body = ExpectedBody::present) {
        std::size_t end = 0;
        while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
            if (!read_more()) {
                return std::nullopt;
            }
        }
        RawResponse response;
        response.head = in_.substr(0, end + 2);
        in_.erase(0, end + 4);
        read_head(response);
        std::size_t length = 0;
        if (auto field = response.headers.find("content-length"); field != response.headers.end()) {
            length = std::stoul(field->second);
        }
        if (body == ExpectedBody::absent || response.status < 200) {
            return response;
        }
        while (in_.size() < length) {
            if (!read_more()) {
                return std::nullopt;
            }
        }
        response.body = in_.substr(0, length);
        in_.erase(0, length);
        return response;
    }

    std::optional<RawResponse> ask(std::string_view request) {
        send(request);
        return read_response();
    }

    /// Whether the server closes, with nothing more sent before.
    bool is_closed_by_server() { return in_.empty() && !read_more() && !is_timed_out_; }

  private:
    bool read_more() {
        pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
        if (::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) != 1) {
            is_timed_out_ = true;
            return false;
        }
        char bytes[16 * 1024];
        auto received = ::recv(socket_, bytes, sizeof bytes, 0);
        if (received <= 0) {
            return false;
        }
        in_.append(bytes, static_cast<std::size_t>(received));
        return true;
    }

    static void read_head(RawResponse& response) {
        std::string_view lines = response.head;
        response.status = std::stoi(std::string(lines.substr(9, 3)));
        lines.remove_prefix(lines.find("\r\n") + 2);
        while (!lines.empty()) {
            auto line = lines.substr(0, lines.find("\r\n"));
            lines.remove_prefix(line.size() + 2);
            auto colon = line.find(": ");
            std::string name(line.substr(0, colon));
            std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
            response.headers[name] = std::string(line.substr(colon + 2));
        }
    }

    int socket_;
    std::string in_;
    bool is_timed_out_ = false;
};

inline std::string get(std::string_view target, std::string_view more_lines = {}) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more_lines) +
           "\r\n";
}

inline std::string post(std::string_view target, std::string_view body, std::string_view more_lines = {}) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more_lines) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace calyptenora::http::test
