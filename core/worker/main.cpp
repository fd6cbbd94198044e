#include "worker/confinement.hpp"
#include "worker/plugin_loop.hpp"
#include "worker/plugin_table.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

/// The process in which one plugin runs, with nothing. The host starts it with an empty environment, what it
/// says at descriptor 3, the plugin's file at 4, and what it is told at 5:
///
///     calyptenora-worker INSTANCE [LIBRARY...]
///
/// INSTANCE is for people who look at the list of processes; LIBRARYs are the system libraries that the
/// plugin needs. Nothing of the plugin runs before all privileges are gone.
namespace calyptenora::worker {
namespace {

using boost::dll::shared_library;

[[noreturn]] void refuse(Wire& wire, const std::string& reason) {
    wire.put(Refused{reason});
    wire.flush();
    _exit(2);
}

/// What the plugin needs of the system's libraries is loaded while they can still be read; the loader finds
/// them by name when it loads the plugin, and the plugin's root need hold nothing but the plugin.
Status load_system_libraries(char** names) {
    for (; *names; ++names)
        if (!dlopen(*names, RTLD_NOW))
            return Error(ErrorKind::permanent, std::string("needs ") + *names +
                                                   ", which cannot be loaded; install it: " + dlerror());
    return {};
}

Status confine(char** libraries) {
    if (auto done = load_system_libraries(libraries); !done)
        return done;
    if (auto done = enter_empty_root(); !done)
        return done;
    return enter_process_namespace();
}

/// rtld_now: with lazy binding a missing symbol ends the process when it is first called.
const calyptenora_plugin_table* load_plugin(Wire& wire) {
    try {
        static const shared_library library(
            plugin_path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        return library.get<const calyptenora_plugin_table*()>("calyptenora_plugin")();
    } catch (const std::exception& failure) {
        refuse(wire, std::string("cannot be loaded: ") + failure.what());
    } catch (...) {
        refuse(wire, "cannot be loaded: calyptenora_plugin() threw");
    }
}

/// As the first process of its namespace this one does not feel SIGABRT unless it handles it.
void die_of_abort() {
    std::signal(SIGABRT, [](int) { _exit(128 + SIGABRT); });
}

int run(char** arguments) {
    Wire wire(from_host_fd, to_host_fd);
    if (!arguments[0] || !arguments[1])
        return 2;
    prctl(PR_SET_NAME, arguments[1]);
    if (auto confined = confine(arguments + 2); !confined)
        refuse(wire, confined.error().message);

    // The host looks at this process from outside before it lets it go on.
    const auto first = wire.next();
    const auto* load = std::get_if<Load>(&first);
    if (!load)
        return 2;
    die_of_abort();
    if (auto confined = give_up_privileges(); !confined)
        refuse(wire, confined.error().message);
    const auto* table = load_plugin(wire);
    if (const auto fault = find_table_fault(table, load->manifest))
        refuse(wire, *fault);
    wire.put(Ready{});
    PluginLoop(wire, *table, *load).run();
    return 0;
}

}  // namespace
}  // namespace calyptenora::worker

int main(int, char** arguments) {
    // Not exit(): nothing of the plugin is to run any more.
    _exit(calyptenora::worker::run(arguments));
}
