#include "cli/plugin_check.hpp"

#include "settings/manifest.hpp"

namespace calyptenora::cli {

Status check_manifest(std::string_view text, const host::PluginFiles& files) {
    const auto manifest = settings::parse_manifest(text, files.manifest.string());
    if (manifest)
        return {};
    return Error(ErrorKind::invalid_config, settings::to_text(manifest.problems));
}

std::filesystem::path lock_path(const WorkbenchOptions& places) {
    return places.data / "plugins.lock";
}

}  // namespace calyptenora::cli
