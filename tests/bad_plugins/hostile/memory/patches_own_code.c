/* Changes its own code through /proc, which writes to pages that cannot be written to. */
#include "../attack.h"
#include "../machine_code.h"

__attribute__((noinline, aligned(64))) static int four(void) {
    __asm__ volatile(""); /* not to be computed at the call */
    return 4;
}

static void attack(void) {
    int (*volatile function)(void) = four;
    void* address;
    memcpy(&address, (void*)&function, sizeof address);
    pwrite(open("/proc/self/mem", O_RDWR), code_, sizeof code_, (off_t)(intptr_t)address);
    __builtin___clear_cache((char*)address, (char*)address + 64);
    loot_number(function());
}
