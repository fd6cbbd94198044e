/* Reads from every descriptor that the host may have forgotten to close. */
#include "../attack.h"

static void attack(void) {
    char bytes[256];
    for (int fd = 0; fd < 1024; ++fd) {
        const ssize_t size = fd == 3 ? -1 : pread(fd, bytes, sizeof bytes, 0);
        if (size > 0)
            loot(bytes, (size_t)size);
    }
}
