#include "host/discovery.hpp"

#include "settings/instance_id.hpp"

#include <system_error>

namespace calyptenora::host {

namespace fs = std::filesystem;

std::map<std::string, PluginFiles> discover_plugins(const std::vector<fs::path>& folders) {
    std::map<std::string, PluginFiles> plugins;
    std::error_code ignored;
    for (const auto& folder : folders)
        for (const auto& family : fs::directory_iterator(folder, ignored))
            for (const auto& plugin : fs::directory_iterator(family.path(), ignored)) {
                const auto word = plugin.path().filename().string();
                const auto name = family.path().filename().string() + "/" + word;
                const auto manifest = plugin.path() / "plugin.yaml";
                const auto id = settings::parse_instance_id(name);
                if (!id || !id->family() || !id->label().empty() || !fs::is_regular_file(manifest, ignored))
                    continue;
                plugins.try_emplace(name, PluginFiles{name, manifest, plugin.path() / (word + ".so")});
            }
    return plugins;
}

}  // namespace calyptenora::host
