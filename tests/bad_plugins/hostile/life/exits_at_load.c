/* Ends the process that loads it, before it can be asked anything. */
#define ATTACK_AT_LOAD
#include "../attack.h"

static void attack(void) {
    _exit(0);
}
