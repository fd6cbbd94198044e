/* Reads what the kernel has logged, addresses of other processes among it. */
#include "../attack.h"

#include <sys/klog.h>

static void attack(void) {
    static char lines[1024];
    const int size = klogctl(3, lines, sizeof lines);
    if (size > 0)
        loot("kernel log: ", 12), loot(lines, (size_t)size);
}
