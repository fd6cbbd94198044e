#pragma once

#include "settings/plugin_settings.hpp"

#include <vector>

/// What the core does with data itself, in the terms in which plugins are described, so that the gate and
/// every document treat it like any other recipient's.
namespace calyptenora::settings {

struct OwnUse {
    Instance instance;
    Manifest manifest;
    InstanceConfiguration configuration;
};

/// All that these settings switch on.
std::vector<OwnUse> list_own_uses(const Settings& settings);

/// A field without which a purpose cannot be served, as it is.
ManifestField needed_field(Category category, Localised why);
/// Puts in force all that the manifest declares, and gives it the text by whose hash proofs name it.
OwnUse put_in_force(Instance instance, Manifest manifest);

}  // namespace calyptenora::settings
