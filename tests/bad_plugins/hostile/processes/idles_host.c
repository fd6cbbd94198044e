/* Lets the host run only when nobody else wants to. */
#include "../attack.h"

#include <sched.h>

static void attack(void) {
    const struct sched_param none = {0};
    sched_setscheduler((pid_t)target_number("host_pid"), SCHED_IDLE, &none);
}
