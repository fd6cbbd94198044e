#pragma once

#include "http/fields.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Cookies of this server are `__Host-` cookies: Secure, Path=/, no Domain, so that neither a neighbouring
/// subdomain nor plain HTTP can plant one (RFC 6265bis, 4.1.3.2).
///
/// One rule for TLS and for plain HTTP on loopback: always `__Host-` with Secure. Tried with Chromium 156
/// (headless): over http:// it stores and sends `__Host-` and other Secure cookies on localhost, *.localhost,
/// 127.0.0.0/8 and [::1], and silently drops them on every other plain address. The server listens without
/// TLS on loopback only (listener.hpp), so no second name and no weaker variant is needed. Safari drops
/// Secure cookies on http://localhost too: use the self-signed certificate there.
namespace calyptenora::http {

enum class SameSite : unsigned char { lax, strict };
enum class ScriptAccess : unsigned char { none, readable };

struct Cookie {
    std::string name;
    std::string value;
    /// Kept that long; without it until the browser closes. Zero deletes the cookie.
    std::optional<std::chrono::seconds> max_age;
    SameSite same_site = SameSite::lax;
    ScriptAccess script_access = ScriptAccess::none;
};

/// A cookie named `__Host-<name>`. Throws std::invalid_argument where name or value may not stand in a cookie
/// (values: use base64url).
Cookie make_host_cookie(std::string_view name, std::string_view value,
                        std::optional<std::chrono::seconds> max_age = std::nullopt);

/// The answer that makes the browser forget `__Host-<name>`.
Cookie make_expired_host_cookie(std::string_view name);

/// The value of `__Host-<name>`. Nothing if it is absent or came twice: two of them mean that somebody
/// meddles.
std::optional<std::string_view> find_host_cookie(const Params& cookies, std::string_view name);

/// The value of a Set-Cookie header.
std::string format_set_cookie(const Cookie& cookie);

/// Reads a Cookie header; pairs that are none are left out, as browsers send whatever a script has stored.
Params make_cookies(std::string_view header);

}  // namespace calyptenora::http
