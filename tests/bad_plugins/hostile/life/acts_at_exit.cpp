// The same by a handler, and then ends the process itself.
#include "../attack.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

static void attack() {
    std::atexit(
        [] { std::ofstream(std::filesystem::path(target("scratch")) / "left_behind") << "I was here"; });
    std::exit(0);
}
