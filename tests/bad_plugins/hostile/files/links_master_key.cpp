// Gives the master key a second name.
#include "../attack.h"

#include <filesystem>

static void attack() {
    std::error_code ignored;
    std::filesystem::create_hard_link(target("master_key"),
                                      std::filesystem::path(target("scratch")) / "left_behind", ignored);
}
