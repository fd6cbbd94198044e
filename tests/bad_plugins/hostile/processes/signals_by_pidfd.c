/* Sends the host a signal through a descriptor. */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    const long host = syscall(SYS_pidfd_open, target_number("host_pid"), 0);
    syscall(SYS_pidfd_send_signal, host, SIGUSR1, NULL, 0);
}
