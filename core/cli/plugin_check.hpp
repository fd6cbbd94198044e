#pragma once

#include "cli/workbench.hpp"
#include "host/verification.hpp"

#include <filesystem>
#include <string_view>

/// Judging plugins' files without loading any.
namespace calyptenora::cli {

/// What host::verify_plugin() asks about a manifest: everything that is wrong with it, as one error.
Status check_manifest(std::string_view text, const host::PluginFiles& files);

/// Where the hashes of approved plugins are kept.
std::filesystem::path lock_path(const WorkbenchOptions& places);

}  // namespace calyptenora::cli
