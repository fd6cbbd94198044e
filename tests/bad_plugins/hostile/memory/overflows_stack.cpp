// Calls itself until there is no stack left, and the process that holds it falls over.
#include "../attack.h"

static long deeper(long depth) {
    volatile char frame[4096];
    frame[0] = static_cast<char>(depth);
    return deeper(depth + 1) + frame[0];
}

static void attack() {
    loot_number(deeper(0));
}
