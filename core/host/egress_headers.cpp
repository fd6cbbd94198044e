#include "host/egress_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace calyptenora::host {
namespace {

constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::array<std::string_view, 12> reserved{"host",       "content-length",  "transfer-encoding",
                                                    "connection", "keep-alive",      "te",
                                                    "trailer",    "upgrade",         "cookie",
                                                    "expect",     "accept-encoding", "proxy-authorization"};
constexpr std::size_t most_header_bytes = 16 * 1024;

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

}  // namespace

Status check_http_request(const HttpRequest& request) {
    const auto bad = [](std::string what) { return Error(ErrorKind::invalid_input, std::move(what)); };
    if (std::ranges::find(methods, request.method) == methods.end())
        return bad("the method is none of GET, HEAD, POST, PUT, PATCH, DELETE");
    std::size_t size = 0;
    for (const auto& [name, value] : request.headers) {
        size += name.size() + value.size();
        if (!is_token(name))
            return bad("a header's name has characters that are not allowed there");
        std::string lower(name);
        std::ranges::transform(lower, lower.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (std::ranges::find(reserved, lower) != reserved.end())
            return bad(fmt::format("the header {} is the host's to write", lower));
        if (std::ranges::any_of(value, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }))
            return bad(
                fmt::format("the header {} has a line break or another control character in it", lower));
    }
    if (size > most_header_bytes)
        return bad(fmt::format("the headers have more than {} bytes", most_header_bytes));
    return {};
}

}  // namespace calyptenora::host
