/* Does not let itself be ended. */
#define ATTACK_AT_DESTROY
#include "../attack.h"

static void attack(void) {
    for (volatile unsigned long turns = 0;; ++turns) {
    }
}
