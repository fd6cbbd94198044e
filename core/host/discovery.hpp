#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// Where the plugins are.
namespace calyptenora::host {

/// The files of one plugin, not looked into yet.
struct PluginFiles {
    std::string name;                ///< `family/name`, from the folders' names.
    std::filesystem::path manifest;  ///< `<folder>/<family>/<name>/plugin.yaml`
    std::filesystem::path library;   ///< `<folder>/<family>/<name>/<name>.so`; may be missing.
};

/// All plugins in the folders, by name: each `<family>/<name>/plugin.yaml`. A plugin in an earlier folder
/// hides one of the same name in a later one. Folders that do not exist hold nothing.
std::map<std::string, PluginFiles> discover_plugins(const std::vector<std::filesystem::path>& folders);

}  // namespace calyptenora::host
