/* Has the kernel take everything that can be read for executable, as for programs of old. */
#include "../attack.h"
#include "../machine_code.h"

#include <sys/personality.h>

static void attack(void) {
    if (personality(READ_IMPLIES_EXEC) < 0)
        return;
    void* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED)
        loot_result_of(memcpy(page, code_, sizeof code_));
}
