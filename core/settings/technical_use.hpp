#pragma once

#include "settings/plugin_settings.hpp"

/// What pages may tell the operator of browsers, in the terms in which plugins are described, so that it is
/// asked for, shown and withdrawn like anything that a third party gets.
namespace calyptenora::settings {

struct TechnicalUse {
    Instance instance;
    Manifest manifest;
    InstanceConfiguration configuration;
};

/// The cookie with a device's identifier, without the prefix `__Host-`.
inline constexpr std::string_view device_cookie_name = "device";

/// Of the purposes that are switched on, each with its consent and length of time.
TechnicalUse describe_technical_use(const Settings& settings);

}  // namespace calyptenora::settings
