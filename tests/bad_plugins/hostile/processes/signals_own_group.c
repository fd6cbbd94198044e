/* Sends a signal to its process group, which a process that was started by another one shares with it; no pid
   namespace divides a group. */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    signal(SIGUSR1, SIG_IGN);
    kill(0, SIGUSR1);
}
