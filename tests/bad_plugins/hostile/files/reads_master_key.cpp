// Reads the key that all others are wrapped with.
#include "../attack.h"

#include <fstream>
#include <iterator>
#include <string>

static void attack() {
    std::ifstream file(target("master_key"));
    const std::string key{std::istreambuf_iterator<char>(file), {}};
    loot(key.data(), key.size());
}
