/* Looks for the environment where the kernel puts it, at the top of its own stack. No system call is needed.
 */
#include "../attack.h"

#include <sys/auxv.h>

static void attack(void) {
    /* The name of the program is the last string but one; the environment lies below it. */
    const char* end = (const char*)getauxval(AT_EXECFN);
    for (const char* at = end - 4096; at < end; ++at)
        if (memcmp(at, "CALYPTENORA_CANARY=", 19) == 0)
            loot(at, strlen(at));
}
