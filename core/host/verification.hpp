#pragma once

#include "host/discovery.hpp"
#include "host/elf_notes.hpp"
#include "host/lock_file.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Everything that is checked before a plugin's file is loaded.
namespace calyptenora::host {

/// A plugin that may be loaded. `library` holds the bytes that were checked, and these bytes are loaded,
/// whatever happens to the file meanwhile.
struct VerifiedPlugin {
    std::string name;  ///< `family/name`
    std::string library;
    std::string manifest;
    std::string sha256;
    AbiVersion abi;
    std::vector<std::string> needed;  ///< System libraries, all of the fixed list.
};

/// Judges the text of a manifest (settings know how). The error says all that is wrong.
using ManifestCheck = std::function<Status(std::string_view text, const PluginFiles& files)>;

/// Checks, in this order: the manifest is valid; the library is there, is a plugin's and safe to load
/// (read_elf()); it exports its entry; the manifest inside equals the one beside it; the interface version is
/// ours; it needs no other libraries than the fixed list; its hash is the pinned one, if the plugin is
/// pinned. The error
/// (`invalid_config`) names the file, what is wrong and the remedy.
Result<VerifiedPlugin> verify_plugin(const PluginFiles& files, const ManifestCheck& check_manifest,
                                     const LockFile& lock);

/// Verifies plugins by name, each once: instances of the same plugin share what was read.
class PluginVerifier {
  public:
    /// Looks for files in `folders` and reads the lock file (`lock_file` may be empty: nothing is pinned).
    PluginVerifier(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& lock_file,
                   ManifestCheck check_manifest);

    const Result<VerifiedPlugin>& verify(const std::string& plugin);

  private:
    Result<VerifiedPlugin> look_at(const std::string& plugin) const;

    const std::vector<std::filesystem::path> folders_;
    const ManifestCheck check_manifest_;
    const Result<LockFile> lock_;
    const std::map<std::string, PluginFiles> files_;
    std::map<std::string, Result<VerifiedPlugin>> verified_;
};

/// Whether plugins may link this library dynamically (DT_NEEDED): the loader, libc, libm, libstdc++,
/// libgcc_s, libcrypto, libsodium, libqrencode, libpugixml, libz.
bool is_permitted_library(std::string_view soname);

}  // namespace calyptenora::host
