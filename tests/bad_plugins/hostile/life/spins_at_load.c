/* Computes for ever before it can be asked anything. */
#define ATTACK_AT_LOAD
#include "../attack.h"

static void attack(void) {
    for (volatile unsigned long turns = 0;; ++turns) {
    }
}
