#include "http/security_headers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::http {
namespace {

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_loopback_name(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
           std::stoi(std::string(text)) > 0 && std::stoi(std::string(text)) <= 65535;
}

void set_if_absent(Headers& headers, std::string_view name, std::string_view value) {
    if (!headers.has(name)) {
        headers.add(name, value);
    }
}

/// Features that no page of ours uses are off for us and for every frame; what a player needs is on for us
/// and for the frames that this answer admits.
std::string permissions_policy(const ContentSecurityPolicy& policy) {
    std::string admitted = "(self";
    for (const auto& origin : policy.frames()) {
        admitted += fmt::format(" \"{}\"", origin.text());
    }
    admitted += ")";
    return fmt::format(
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "hid=(), identity-credentials-get=(), idle-detection=(), local-fonts=(), magnetometer=(), "
        "microphone=(), "
        "midi=(), payment=(), screen-wake-lock=(self), serial=(), storage-access=(), usb=(), "
        "xr-spatial-tracking=(), autoplay={0}, encrypted-media={0}, fullscreen={0}, picture-in-picture={0}",
        admitted);
}

}  // namespace

Result<Origin> Origin::parse(std::string_view text) {
    auto refuse = [&](const char* why) {
        return Error(ErrorKind::invalid_input, fmt::format("'{}' is no origin: {}. Write it like "
                                                           "https://player.example.org",
                                                           text, why));
    };
    bool is_https = text.starts_with("https://");
    if (!is_https && !text.starts_with("http://")) {
        return refuse("it begins with neither https:// nor http://");
    }
    auto authority = text.substr(is_https ? 8 : 7);
    std::string_view host = authority;
    std::string_view port;
    if (authority.starts_with("[::1]")) {
        host = authority.substr(0, 5);
        port = authority.substr(5);
    } else {
        auto colon = authority.find(':');
        host = authority.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
        if (host.empty() || !std::ranges::all_of(host, is_host_character)) {
            return refuse("the host holds something else than a-z, 0-9, '-' and '.'");
        }
    }
    if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) {
        return refuse("what follows the host is not a port");
    }
    if (!is_https && !is_loopback_name(host)) {
        return refuse("plain http is for loopback only");
    }
    return Origin(std::string(text));
}

std::string Origin::host_and_port() const {
    const auto authority = text_.substr(text_.find("://") + 3);
    const auto colon = authority.rfind(':');
    const bool has_port = colon != std::string::npos && authority.back() != ']';
    return has_port ? authority : authority + (text_.starts_with("https:") ? ":443" : ":80");
}

ContentSecurityPolicy ContentSecurityPolicy::make_closed() {
    return ContentSecurityPolicy(Kind::closed);
}

ContentSecurityPolicy ContentSecurityPolicy::make_page() {
    return ContentSecurityPolicy(Kind::page);
}

void ContentSecurityPolicy::allow_frame(const Origin& origin) {
    if (std::ranges::find(frames_, origin) == frames_.end()) {
        frames_.push_back(origin);
    }
}

std::string ContentSecurityPolicy::text() const {
    std::string text = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    if (kind_ == Kind::closed) {
        return text + "; form-action 'none'";
    }
    text += "; script-src 'self'; style-src 'self'; img-src 'self'";
    text += data_images_ ? " data:" : "";
    text += "; font-src 'self'; connect-src 'self'; media-src 'self'";
    text += blob_media_ ? " blob:" : "";
    text += "; manifest-src 'self'; worker-src 'none'; form-action 'self'; frame-src";
    if (frames_.empty()) {
        text += " 'none'";
    }
    for (const auto& origin : frames_) {
        text += " " + origin.text();
    }
    return text + "; require-trusted-types-for 'script'; trusted-types " + std::string(trusted_types_policy);
}

void add_security_headers(Headers& headers, const ContentSecurityPolicy& policy, Scheme scheme,
                          std::optional<std::chrono::seconds> hsts_max_age) {
    // Never left to the handler: a policy that is not a ContentSecurityPolicy has not been checked.
    headers.set("Content-Security-Policy", policy.text());
    headers.set("X-Content-Type-Options", "nosniff");
    set_if_absent(headers, "Referrer-Policy", "same-origin");
    set_if_absent(headers, "X-Frame-Options", "DENY");
    set_if_absent(headers, "Cross-Origin-Opener-Policy", "same-origin");
    set_if_absent(headers, "Cross-Origin-Resource-Policy", "same-origin");
    set_if_absent(headers, "Origin-Agent-Cluster", "?1");
    set_if_absent(headers, "Permissions-Policy", permissions_policy(policy));
    set_if_absent(headers, "Cache-Control", "no-store");
    if (scheme == Scheme::https && hsts_max_age) {
        set_if_absent(headers, "Strict-Transport-Security", fmt::format("max-age={}", hsts_max_age->count()));
    }
}

}  // namespace calyptenora::http
