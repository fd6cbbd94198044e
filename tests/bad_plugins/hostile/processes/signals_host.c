/* Sends the host a signal. */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    kill((pid_t)target_number("host_pid"), SIGUSR1);
}
