// Puts another file in its own place, for the next start.
#include "../attack.h"

#include <filesystem>
#include <fstream>

static void attack() {
    const std::filesystem::path file = target("plugin_file");
    std::error_code ignored;
    std::ofstream(file.string() + ".new") << "#!/bin/sh\n";
    std::filesystem::rename(file.string() + ".new", file, ignored);
}
