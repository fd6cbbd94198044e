#include "http/response_head.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>

namespace calyptenora::http {
namespace {

bool is_framing_header(std::string_view name) {
    return is_same_name(name, "content-length") || is_same_name(name, "transfer-encoding") ||
           is_same_name(name, "connection") || is_same_name(name, "date");
}

void append_line(std::string& head, std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
}

std::uint64_t body_size(const ResponseBody& body) {
    if (const auto* text = std::get_if<std::string>(&body)) {
        return text->size();
    }
    if (const auto* file = std::get_if<FileRange>(&body)) {
        return file->length;
    }
    if (const auto* source = std::get_if<std::unique_ptr<BodySource>>(&body)) {
        return (*source)->size();
    }
    return std::get<std::shared_ptr<const PreparedAnswer>>(body)->body->size();
}

const std::string& current_date(std::chrono::system_clock::time_point now) {
    thread_local std::time_t second = -1;
    thread_local std::string text;
    auto wanted = std::chrono::system_clock::to_time_t(now);
    if (wanted != second) {
        second = wanted;
        text = http_date(now);
    }
    return text;
}

}  // namespace

std::string http_date(std::chrono::system_clock::time_point time) {
    constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(parts.tm_wday)],
                       parts.tm_mday, months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string make_prepared_lines(Headers headers, const ContentSecurityPolicy& policy,
                                std::optional<std::size_t> content_length) {
    add_security_headers(headers, policy, Scheme::http, std::nullopt);
    std::string lines;
    for (const auto& [name, value] : headers) {
        append_line(lines, name, value);
    }
    if (content_length) {
        append_line(lines, "Content-Length", std::to_string(*content_length));
    }
    return lines;
}

std::string make_head(const Response& response, const HeadContext& context) {
    std::string head;
    head.reserve(1536);
    fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\n", response.status,
                   reason_phrase(response.status));
    append_line(head, "Date", current_date(context.now));
    if (context.fate == ConnectionFate::close) {
        append_line(head, "Connection", "close");
    }
    if (const auto* prepared = std::get_if<std::shared_ptr<const PreparedAnswer>>(&response.body)) {
        head += (*prepared)->header_lines;
        if (context.scheme == Scheme::https && context.hsts_max_age) {
            append_line(head, "Strict-Transport-Security",
                        fmt::format("max-age={}", context.hsts_max_age->count()));
        }
        return head += "\r\n";
    }
    Headers headers = response.headers;
    add_security_headers(headers, response.policy, context.scheme, context.hsts_max_age);
    for (const auto& [name, value] : headers) {
        if (!is_framing_header(name)) {
            append_line(head, name, value);
        }
    }
    for (const auto& cookie : response.cookies) {
        append_line(head, "Set-Cookie", format_set_cookie(cookie));
    }
    if (response.status >= 200 && response.status != 204 && response.status != 304) {
        append_line(head, "Content-Length", std::to_string(body_size(response.body)));
    }
    return head += "\r\n";
}

}  // namespace calyptenora::http
