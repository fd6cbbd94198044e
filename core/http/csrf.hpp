#pragma once

#include "http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Protection against requests that another site makes in a learner's name (ASVS 5.0, 3.5.1). Pure functions.
namespace calyptenora::http {

enum class CsrfVerdict : std::uint8_t {
    admitted,
    cross_site,      ///< Sec-Fetch-Site says that the request does not come from our own origin.
    foreign_origin,  ///< Origin is not ours (also `null`).
    wrong_token,     ///< The token is missing or belongs to another session.
};

struct CsrfFacts {
    Method method = Method::GET;
    std::optional<std::string_view> sec_fetch_site;
    std::optional<std::string_view> origin;
    std::string_view own_origin;            ///< `Request::own_origin()`
    std::optional<std::string_view> token;  ///< From the form field `csrf`, or the header `X-CSRF-Token`.
};

/// In this order: safe methods are admitted; a Sec-Fetch-Site other than `same-origin` is refused; an Origin
/// other than our own is refused; then the token must be that of `session_id`. Clients without both headers
/// stand on the token alone. `session_id` is the secret of the session or of the anonymous visit, never
/// empty.
CsrfVerdict check_csrf(const CsrfFacts& facts, std::string_view key, std::string_view session_id);

/// The facts of a request; its views live as long as the request and `own_origin`.
CsrfFacts make_csrf_facts(const Request& request, std::string_view own_origin);

/// What goes into every form of that session: base64url of HMAC-SHA256(key, "csrf" NUL session_id).
/// `key` has at least 32 bytes and stays in the server.
std::string make_csrf_token(std::string_view key, std::string_view session_id);

/// Compares in a time that depends on the lengths only.
bool is_equal_in_constant_time(std::string_view left, std::string_view right);

/// Base64url without padding (RFC 4648, 5).
std::string base64url(std::string_view bytes);

}  // namespace calyptenora::http
