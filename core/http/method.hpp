#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace calyptenora::http {

/// The methods this server knows; every other one is answered with 501.
enum class Method : std::uint8_t { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS };

std::string_view method_name(Method method);
std::optional<Method> find_method(std::string_view name);

/// Safe methods change nothing (RFC 9110, 9.2.1) and need no CSRF check.
bool is_safe(Method method);

/// The reason phrase of a status, "Unknown" for a status that has none.
std::string_view reason_phrase(int status);

}  // namespace calyptenora::http
