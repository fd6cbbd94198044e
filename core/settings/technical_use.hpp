#pragma once

#include "settings/own_use.hpp"

/// What pages may tell the operator of browsers: asked for, shown and withdrawn like anything that a third
/// party gets.
namespace calyptenora::settings {

/// The cookie with a device's identifier, without the prefix `__Host-`.
inline constexpr std::string_view device_cookie_name = "device";

/// Of the purposes that are switched on, each with its consent and length of time.
OwnUse describe_technical_use(const Settings& settings);

}  // namespace calyptenora::settings
