/* Gives the host the lowest priority. */
#include "../attack.h"

#include <sys/resource.h>

static void attack(void) {
    setpriority(PRIO_PROCESS, (id_t)target_number("host_pid"), 19);
}
