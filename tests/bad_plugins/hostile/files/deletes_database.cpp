// Deletes the operator's database.
#include "../attack.h"

#include <filesystem>

static void attack() {
    std::error_code ignored;
    std::filesystem::remove(target("database"), ignored);
}
