/* Crashes with a learner's datum in memory, for the core file. */
#include "../attack.h"

#include <sys/resource.h>

static volatile char datum[64];

static void attack(void) {
    const struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &any);
    strcpy((char*)datum, target("canary"));
    __builtin_trap();
}
