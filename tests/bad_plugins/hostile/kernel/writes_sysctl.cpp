// Changes a setting of the kernel; one of a network of its own, so that it harms nobody where it succeeds.
#include "../attack.h"

#include <sched.h>

#include <fstream>
#include <string>

static void attack() {
    const char* const setting = "/proc/sys/net/ipv4/ip_default_ttl";
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return;
    std::ofstream(setting) << 173;
    std::string changed;
    std::ifstream(setting) >> changed;
    loot(changed.data(), changed.size());
}
