#pragma once

#include "gate/policy.hpp"
#include "host/instance_plan.hpp"
#include "settings/manifest.hpp"
#include "settings/settings.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// What settings and manifests come to, for the gate and for the host.
namespace calyptenora::cli {

struct Configuration {
    std::shared_ptr<const gate::Policy> policy;
    std::vector<host::InstancePlan> plans;
};

/// The manifests of all plugins in the folders, by `family/name`. Invalid ones are left out; their problems
/// are added.
std::map<std::string, settings::Manifest> load_manifests(
    const std::vector<std::filesystem::path>& plugin_folders, settings::Problems& problems);

/// Checks every instance against its manifest and compiles both sides. A value only if nothing is wrong.
settings::Checked<Configuration> configure(const settings::Settings& settings,
                                           const std::map<std::string, settings::Manifest>& manifests);

}  // namespace calyptenora::cli
