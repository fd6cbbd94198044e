/* Takes descriptors until it gets no more; a thousand at most. */
#include "../attack.h"

static void attack(void) {
    long taken = 0;
    while (taken < 1000 && dup(3) >= 0)
        ++taken;
    loot_number(taken >= 200);
}
