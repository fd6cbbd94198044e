/* Computes for ever. */
#include "../attack.h"

static void attack(void) {
    for (volatile unsigned long turns = 0;; ++turns) {
    }
}
