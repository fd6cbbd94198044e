#pragma once

#include "http/fields.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace calyptenora::http {

/// A request target in origin-form (RFC 9112, 3.2.1), taken apart and decoded.
struct Target {
    std::string path;  ///< Decoded UTF-8, begins with `/`. No dot segments, no empty ones except a last one.
    std::string raw_path;   ///< As it came.
    std::string raw_query;  ///< As it came, without `?`.
    Params query;           ///< Decoded, `+` read as space.
};

/// Refuses (invalid_input) what two parts of a system could read differently: encoded slash or backslash, dot
/// segments in any spelling, empty segments, NUL and other control characters, bad percent-encoding, invalid
/// UTF-8.
Result<Target> parse_target(std::string_view target);

/// `application/x-www-form-urlencoded`, for queries and bodies: at most `max_fields` of them.
Result<Params> parse_urlencoded(std::string_view text, std::size_t max_fields = 200);

/// Nothing for a `%` that is not followed by two hexadecimal digits.
std::optional<std::string> find_percent_decoded(std::string_view text);

/// Everything except unreserved characters of RFC 3986 becomes `%XX`: for values that go into a path or
/// query.
std::string percent_encode(std::string_view text);

/// A path of ours that may be redirected to: begins with exactly one `/`, no backslash, no control
/// characters. Nothing otherwise, so that a `next` parameter cannot lead to another site.
std::optional<std::string> find_local_target(std::string_view text);

/// Valid UTF-8 without NUL: what every database of ours can store.
bool is_clean_utf8(std::string_view text);

}  // namespace calyptenora::http
