/* Kills the process that holds it. */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    raise(SIGKILL);
}
