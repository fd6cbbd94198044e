// Computes for ever and listens to no signal.
#include "../attack.h"

#include <signal.h>

static void attack() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    for (volatile unsigned long turns = 0;; turns = turns + 1) {
    }
}
