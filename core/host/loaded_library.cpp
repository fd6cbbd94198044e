#include "host/loaded_library.hpp"

#include "host/sealed_file.hpp"
#include "worker/plugin_table.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>
#include <fmt/format.h>

namespace calyptenora::host {
Result<LoadedLibrary> LoadedLibrary::load(const VerifiedPlugin& plugin) {
    auto sealed = seal_library(plugin);
    if (!sealed)
        return sealed.error();
    // Never closed: the loader knows images by path, and a reused /proc/self/fd/N would give it the old one.
    const auto path = fmt::format("/proc/self/fd/{}", sealed->release());
    const auto failed = [&](const char* why) {
        return Error(ErrorKind::permanent, fmt::format("{}: cannot be loaded: {}", plugin.name, why));
    };
    try {
        // rtld_now: with lazy binding a missing symbol ends the process when it is first called.
        // RTLD_NODELETE: see the header. The throwing form: in Boost.DLL 1.81 the error_code of the other one
        // is not to be trusted.
        const boost::dll::shared_library library(
            path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local |
                      static_cast<boost::dll::load_mode::type>(RTLD_NODELETE));
        const auto* table = library.get<const calyptenora_plugin_table*()>("calyptenora_plugin")();
        if (const auto fault = worker::find_table_fault(table, plugin.manifest))
            return Error(ErrorKind::permanent, plugin.name + ": " + *fault);
        return LoadedLibrary(table);
    } catch (const std::exception& failure) {
        return failed(failure.what());
    } catch (...) {
        return failed("calyptenora_plugin() threw");
    }
}

}  // namespace calyptenora::host
