/* Runs code that it wrote into memory. */
#include "../attack.h"
#include "../machine_code.h"

static void attack(void) {
    void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED)
        loot_result_of(memcpy(page, code_, sizeof code_));
}
