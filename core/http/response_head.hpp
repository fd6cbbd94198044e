#pragma once

#include "http/message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace calyptenora::http {

enum class ConnectionFate : std::uint8_t { keep, close };

struct HeadContext {
    Scheme scheme = Scheme::http;
    std::optional<std::chrono::seconds> hsts_max_age;
    ConnectionFate fate = ConnectionFate::keep;
    std::chrono::system_clock::time_point now;
};

/// Status line and headers of an answer, up to and with the empty line. Content-Length is always there,
/// except with 1xx, 204 and 304. Headers that would change the framing (Content-Length, Transfer-Encoding,
/// Connection) and that a handler has set are thrown away.
std::string make_head(const Response& response, const HeadContext& context);

/// `header_lines` of a PreparedAnswer, with the security headers of `policy`.
std::string make_prepared_lines(Headers headers, const ContentSecurityPolicy& policy,
                                std::optional<std::size_t> content_length);

/// The date of RFC 9110, 5.6.7: `Tue, 24 Nov 2026 23:50:16 GMT`.
std::string http_date(std::chrono::system_clock::time_point time);

}  // namespace calyptenora::http
