// Takes memory until it gets no more. 280 MiB at most: outside of the sandbox nothing else would stop it.
#include "../attack.h"

#include <new>

static void attack() {
    long taken = 0;
    while (taken < 280)
        if (auto* const block = new (std::nothrow) char[1 << 20]) {
            memset(block, 0x55, 1 << 20);
            /* Or the compiler sees that nobody reads it, and takes none. */
            __asm__ volatile("" : : "r"(block) : "memory");
            ++taken;
        } else {
            break;
        }
    loot_number(taken >= 260);
}
