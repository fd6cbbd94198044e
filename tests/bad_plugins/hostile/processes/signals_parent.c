/* Sends a signal to whoever started it. */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    kill(getppid(), SIGUSR1);
}
