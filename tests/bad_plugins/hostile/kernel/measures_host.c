/* Counts how long the host computes: such counters have told keys. */
#include "../attack.h"

#include <linux/perf_event.h>

static void attack(void) {
    struct perf_event_attr attributes;
    uint64_t count = 0;
    memset(&attributes, 0, sizeof attributes);
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.config = PERF_COUNT_SW_TASK_CLOCK;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    const long fd = syscall(SYS_perf_event_open, &attributes, target_number("host_pid"), -1, -1, 0);
    for (int i = 0; i < 100 && count == 0; ++i, usleep(20000))
        if (fd < 0 || read((int)fd, &count, sizeof count) != sizeof count)
            return;
    loot_number(count > 0);
}
