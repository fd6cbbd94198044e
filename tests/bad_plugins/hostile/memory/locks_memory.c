/* Takes memory that the machine cannot move out of the way. */
#include "../attack.h"

#include <sys/mman.h>

static void attack(void) {
    mmap(NULL, 1 << 21, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1,
         0);
}
