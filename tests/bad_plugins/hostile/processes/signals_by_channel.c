/* The same with the only descriptor that it has, the channel: the host's next message is the signal. */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    fcntl(3, F_SETOWN, (int)target_number("host_pid"));
    fcntl(3, F_SETSIG, SIGUSR1);
    fcntl(3, F_SETFL, O_ASYNC | fcntl(3, F_GETFL));
}
