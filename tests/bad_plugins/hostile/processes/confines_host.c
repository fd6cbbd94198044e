/* Shuts the host in on one processor. */
#include "../attack.h"

#include <sched.h>

static void attack(void) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity((pid_t)target_number("host_pid"), sizeof first, &first);
}
