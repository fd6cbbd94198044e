/* Sends a signal to one thread of the host. */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    syscall(SYS_tgkill, target_number("host_pid"), target_number("host_pid"), SIGUSR1);
}
