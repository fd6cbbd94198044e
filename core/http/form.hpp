#pragma once

#include "http/fields.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::http {

/// A file that came in a form.
struct Upload {
    std::string field;  ///< Name of the form field.
    std::string
        file_name;  ///< Only the last part of the path, as the browser claims it: show it, never open it.
    std::string content_type;  ///< As the browser claims it.
    std::string content;
};

/// What a form sent. Text is valid UTF-8 without NUL.
struct Form {
    Params fields;
    std::vector<Upload> uploads;
};

/// Bounds of a form beside the route's limit of the body.
struct FormLimits {
    std::size_t max_fields = 200;
    std::size_t max_uploads = 20;
    std::size_t max_part_header_bytes = 2048;
};

/// Reads a body by its Content-Type: `application/x-www-form-urlencoded` or `multipart/form-data` (RFC 7578).
/// Nothing in it for other types. Errors (invalid_input): not well-formed, a bound passed.
Result<Form> parse_form(std::string_view content_type, std::string_view body, const FormLimits& limits = {});

/// The parameter of a header value such as `form-data; name="title"`; quoted-string is unquoted.
std::optional<std::string> find_parameter(std::string_view header_value, std::string_view parameter);

}  // namespace calyptenora::http
