#include "host/verification.hpp"

#include "storage/text.hpp"

#include <calyptenora/plugin.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

namespace calyptenora::host {
namespace {

constexpr std::uintmax_t most_library_bytes = 256 * 1024 * 1024;
constexpr std::uintmax_t most_manifest_bytes = 1024 * 1024;

constexpr std::array<std::string_view, 9> permitted_libraries{
    "libc", "libm", "libstdc++", "libgcc_s", "libcrypto", "libsodium", "libqrencode", "libpugixml", "libz"};
constexpr std::array<std::string_view, 2> loaders{"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"};

std::optional<std::string> read_file(const std::filesystem::path& path, std::uintmax_t limit) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(path, failure);
    if (failure || size > limit || !std::filesystem::is_regular_file(path, failure))
        return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::string bytes(size, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!file || file.peek() != std::ifstream::traits_type::eof())
        return std::nullopt;
    return bytes;
}

Error refused(const std::filesystem::path& where, const std::string& what) {
    return Error(ErrorKind::invalid_config, where.string() + ": " + what);
}

Result<LockFile> load_lock(const std::filesystem::path& path) {
    return path.empty() ? LockFile() : LockFile::load(path);
}

}  // namespace

PluginVerifier::PluginVerifier(const std::vector<std::filesystem::path>& folders,
                               const std::filesystem::path& lock_file, ManifestCheck check_manifest)
    : folders_(folders),
      check_manifest_(std::move(check_manifest)),
      lock_(load_lock(lock_file)),
      files_(discover_plugins(folders)) {}

const Result<VerifiedPlugin>& PluginVerifier::verify(const std::string& plugin) {
    const auto known = verified_.find(plugin);
    return known != verified_.end() ? known->second
                                    : verified_.emplace(plugin, look_at(plugin)).first->second;
}

Result<VerifiedPlugin> PluginVerifier::look_at(const std::string& plugin) const {
    if (!lock_)
        return lock_.error();
    const auto files = files_.find(plugin);
    if (files == files_.end()) {
        std::vector<std::string> folders;
        for (const auto& folder : folders_)
            folders.push_back(folder.string());
        return Error(
            ErrorKind::invalid_config,
            fmt::format("there is no {}/plugin.yaml in the plugin folders ({}); build or copy the plugin, or "
                        "correct its name",
                        plugin, fmt::join(folders, ", ")));
    }
    return verify_plugin(files->second, check_manifest_, *lock_);
}

bool is_permitted_library(std::string_view soname) {
    if (std::ranges::find(loaders, soname) != loaders.end())
        return true;
    return std::ranges::any_of(permitted_libraries, [&](std::string_view stem) {
        if (!soname.starts_with(stem) || !soname.substr(stem.size()).starts_with(".so."))
            return false;
        const auto version = soname.substr(stem.size() + 4);
        return !version.empty() && version.find_first_not_of("0123456789.") == std::string_view::npos;
    });
}

Result<VerifiedPlugin> verify_plugin(const PluginFiles& files, const ManifestCheck& check_manifest,
                                     const LockFile& lock) {
    const auto manifest = read_file(files.manifest, most_manifest_bytes);
    if (!manifest)
        return refused(files.manifest, "cannot be read (a plugin's manifest has at most 1 MiB)");
    if (auto valid = check_manifest(*manifest, files); !valid)
        return Error(ErrorKind::invalid_config, valid.error().message);

    auto library = read_file(files.library, most_library_bytes);
    if (!library)
        return refused(files.library, "there is no readable library; build the plugin or copy it here");
    auto facts = read_elf(*library);
    if (!facts)
        return refused(files.library, facts.error().message);
    if (!facts->exports_entry)
        return refused(files.library,
                       "does not export the symbol calyptenora_plugin; put CALYPTENORA_PLUGIN(...) into "
                       "one of its sources");
    if (facts->manifest != *manifest)
        return refused(
            files.library,
            fmt::format("the manifest inside differs from {}; build the plugin again, and copy the library "
                        "together with its manifest",
                        files.manifest.string()));
    if (facts->abi.major != CALYPTENORA_ABI_MAJOR || facts->abi.minor > CALYPTENORA_ABI_MINOR)
        return refused(
            files.library,
            fmt::format("was built for interface version {}.{}, this host has {}.{}; {}", facts->abi.major,
                        facts->abi.minor, CALYPTENORA_ABI_MAJOR, CALYPTENORA_ABI_MINOR,
                        facts->abi.major < CALYPTENORA_ABI_MAJOR
                            ? "build the plugin with the SDK of this host"
                            : "update the host, or build the plugin with the SDK of this host"));
    for (const auto& needed : facts->needed)
        if (!is_permitted_library(needed))
            return refused(files.library,
                           fmt::format("needs {}, which is not in the list of libraries for plugins; "
                                       "link it statically",
                                       needed));
    const auto hash = storage::sha256_hex(*library);
    if (const auto pinned = lock.find(files.name); pinned && *pinned != hash)
        return refused(
            files.library,
            fmt::format("its SHA-256 {} is not the pinned {}; if the change is meant, run 'calyptenora "
                        "plugins verify --pin'",
                        hash, *pinned));
    return VerifiedPlugin{files.name, std::move(*library), *manifest, hash, facts->abi, facts->needed};
}

}  // namespace calyptenora::host
