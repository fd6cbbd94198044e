/* Maps a page of its own over one with code, at the same address. */
#include "../attack.h"
#include "../machine_code.h"

/* A page and more, so that nothing else stands there. */
__attribute__((noinline, aligned(4096))) static int four(void) {
    __asm__ volatile(".skip 8192, 0x90");
    return 4;
}

static void attack(void) {
    int (*volatile function)(void) = four;
    void* page;
    memcpy(&page, (void*)&function, sizeof page);
    void* mapped =
        mmap(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (mapped == page)
        loot_result_of(memcpy(page, code_, sizeof code_));
}
