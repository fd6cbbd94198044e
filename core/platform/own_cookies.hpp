#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

/// The cookies that this platform sets itself: what `http` makes them from, and what the privacy notice
/// lists.
namespace calyptenora::platform {

struct OwnCookie {
    std::string_view name;                         ///< Without the prefix `__Host-`, which browsers see.
    std::optional<std::chrono::seconds> lifetime;  ///< Nothing: until the browser closes.
};

inline constexpr OwnCookie session_cookie{"session", std::chrono::hours(24 * 60)};
inline constexpr OwnCookie visit_cookie{"visit", std::nullopt};
inline constexpr OwnCookie language_cookie{"language", std::chrono::hours(24 * 365)};
inline constexpr OwnCookie notice_cookie{"notice", std::chrono::minutes(5)};

inline constexpr std::array own_cookies{session_cookie, visit_cookie, language_cookie, notice_cookie};

}  // namespace calyptenora::platform
