/* The same by memory that no limit of an address space counts. */
#include "../attack.h"

#include <sys/mman.h>

static void attack(void) {
    static char block[1 << 20];
    long taken = 0;
    const int fd = memfd_create("bomb", 0);
    memset(block, 0x55, sizeof block);
    while (taken < 280 && write(fd, block, sizeof block) == sizeof block)
        ++taken;
    loot_number(taken >= 260);
}
