#include "http/cookies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace calyptenora::http {
namespace {

constexpr std::string_view prefix = "__Host-";

bool is_cookie_value(std::string_view value) {
    return std::ranges::all_of(value, [](char c) {
        auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
    });
}

}  // namespace

Cookie make_host_cookie(std::string_view name, std::string_view value,
                        std::optional<std::chrono::seconds> max_age) {
    if (!is_token(name) || !is_cookie_value(value)) {
        throw std::invalid_argument("name or value may not stand in a cookie");
    }
    return Cookie{
        .name = std::string(prefix) + std::string(name), .value = std::string(value), .max_age = max_age};
}

Cookie make_expired_host_cookie(std::string_view name) {
    return make_host_cookie(name, "", std::chrono::seconds(0));
}

std::optional<std::string_view> find_host_cookie(const Params& cookies, std::string_view name) {
    auto values = cookies.all(std::string(prefix) + std::string(name));
    if (values.size() != 1) {
        return std::nullopt;
    }
    return values.front();
}

std::string format_set_cookie(const Cookie& cookie) {
    std::string text = fmt::format("{}={}; Path=/; Secure; SameSite={}", cookie.name, cookie.value,
                                   cookie.same_site == SameSite::lax ? "Lax" : "Strict");
    if (cookie.script_access == ScriptAccess::none) {
        text += "; HttpOnly";
    }
    if (cookie.max_age) {
        text += fmt::format("; Max-Age={}", cookie.max_age->count());
    }
    return text;
}

Params make_cookies(std::string_view header) {
    Params cookies;
    while (!header.empty()) {
        auto end = std::min(header.find(';'), header.size());
        auto pair = trim(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        auto equals = pair.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        auto name = trim(pair.substr(0, equals));
        auto value = trim(pair.substr(equals + 1));
        if (is_token(name) && is_cookie_value(value)) {
            cookies.add(std::string(name), std::string(value));
        }
    }
    return cookies;
}

}  // namespace calyptenora::http
