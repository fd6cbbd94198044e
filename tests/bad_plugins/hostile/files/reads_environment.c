/* Reads its own environment from /proc, where it stays whatever unsetenv() is called for. */
#include "../attack.h"

static void attack(void) {
    loot_from(open("/proc/self/environ", O_RDONLY));
}
