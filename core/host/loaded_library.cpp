#include "host/loaded_library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace calyptenora::host {
namespace {

/// The bytes as a file that nobody can change any more, also we cannot. The descriptor is never closed: the
/// loader knows images by path, and a reused /proc/self/fd/N would give it the old one.
Result<std::string> seal(const VerifiedPlugin& plugin) {
    const auto failed = [&](const char* what) {
        return Error(ErrorKind::temporary,
                     fmt::format("{}: {}: {}", plugin.name, what, std::strerror(errno)));
    };
    const int file = memfd_create(plugin.name.substr(0, 200).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0)
        return failed("no memory file for the library");
    for (std::size_t written = 0; written < plugin.library.size();) {
        const auto count = write(file, plugin.library.data() + written, plugin.library.size() - written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            const auto error = failed("the library cannot be copied into memory");
            close(file);
            return error;
        }
        written += static_cast<std::size_t>(count);
    }
    if (fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        const auto error = failed("the library's memory file cannot be sealed");
        close(file);
        return error;
    }
    return fmt::format("/proc/self/fd/{}", file);
}

Status check_table(const VerifiedPlugin& plugin, const calyptenora_plugin_table* table) {
    const auto refused = [&](const std::string& what) {
        return Error(ErrorKind::permanent,
                     plugin.name + ": " + what + "; build the plugin again with this host's SDK");
    };
    if (!table)
        return refused("calyptenora_plugin() returned no table");
    if (table->abi_major != CALYPTENORA_ABI_MAJOR || table->abi_minor > CALYPTENORA_ABI_MINOR)
        return refused(fmt::format("its table has interface version {}.{}, this host has {}.{}",
                                   table->abi_major, table->abi_minor, CALYPTENORA_ABI_MAJOR,
                                   CALYPTENORA_ABI_MINOR));
    if (table->size < sizeof(calyptenora_plugin_table))
        return refused(fmt::format("its table has {} bytes, expected at least {}", table->size,
                                   sizeof(calyptenora_plugin_table)));
    if (!table->create || !table->destroy || !table->invoke || !table->reply || !table->cancel ||
        !table->manifest)
        return refused("its table lacks a function");
    if (plugin.manifest != table->manifest)
        return refused("the manifest in its table is not the one of its note");
    return {};
}

}  // namespace

Result<LoadedLibrary> LoadedLibrary::load(const VerifiedPlugin& plugin) {
    const auto path = seal(plugin);
    if (!path)
        return path.error();
    const auto failed = [&](const char* why) {
        return Error(ErrorKind::permanent, fmt::format("{}: cannot be loaded: {}", plugin.name, why));
    };
    try {
        // rtld_now: with lazy binding a missing symbol ends the process when it is first called.
        // RTLD_NODELETE: see the header. The throwing form: in Boost.DLL 1.81 the error_code of the other one
        // is not to be trusted.
        const boost::dll::shared_library library(
            *path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local |
                       static_cast<boost::dll::load_mode::type>(RTLD_NODELETE));
        const auto* table = library.get<const calyptenora_plugin_table*()>("calyptenora_plugin")();
        if (auto good = check_table(plugin, table); !good)
            return good.error();
        return LoadedLibrary(table);
    } catch (const std::exception& failure) {
        return failed(failure.what());
    } catch (...) {
        return failed("calyptenora_plugin() threw");
    }
}

}  // namespace calyptenora::host
