#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Questions about texts that settings and manifests hold. Pure functions.
namespace calyptenora::settings {

/// The offset of the first byte that is not well-formed UTF-8 (surrogates and overlong forms are not), or
/// nothing.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// The known word that a person most likely meant, or nothing if none is near.
std::optional<std::string> find_nearest(std::string_view word, std::span<const std::string> known);

/// A DNS host name of letters, digits and hyphens (no trailing dot), or an IPv4 address, or an IPv6 address
/// in brackets.
bool is_host(std::string_view text);

/// `127.0.0.0/8`, `[::1]`, `::1` or `localhost`.
bool is_loopback_host(std::string_view text);

/// Something with one @ between a local part and a host name; what can really receive mail is found out by
/// sending.
bool is_email(std::string_view text);

/// `name` or `name:port`; the port defaults to `default_port`.
struct HostPort {
    std::string host;  ///< Lower case; IPv6 in brackets.
    std::uint16_t port = 0;

    bool operator==(const HostPort&) const = default;
    auto operator<=>(const HostPort&) const = default;
};
std::optional<HostPort> find_host_port(std::string_view text, std::uint16_t default_port);

/// `2026-05-25`.
std::optional<std::chrono::year_month_day> find_date(std::string_view text);

/// A whole number with a unit: `500ms`, `30s`, `5min`, `2h`, `7d`.
std::optional<std::chrono::milliseconds> find_duration(std::string_view text);

/// What an absolute URL consists of, as far as we ask.
struct UrlParts {
    std::string scheme;  ///< Lower case.
    std::string host;    ///< Lower case; IPv6 in brackets.
    std::uint16_t port;  ///< The scheme's default where none is written; 0 if the scheme has none.
    bool is_origin;      ///< Only scheme, host and port; a path of "/" counts as none.
    bool has_userinfo;

    /// `https://host[:port]`, without a default port.
    std::string origin() const;
};
std::optional<UrlParts> find_url_parts(std::string_view text);

}  // namespace calyptenora::settings
