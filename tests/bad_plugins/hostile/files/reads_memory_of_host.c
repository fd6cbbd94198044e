/* Reads a learner's datum out of the host's memory, through /proc. */
#include "../attack.h"

static void attack(void) {
    char path[64], datum[32];
    snprintf(path, sizeof path, "/proc/%s/mem", target("host_pid"));
    const int fd = open(path, O_RDONLY);
    if (pread(fd, datum, sizeof datum, target_number("host_datum")) == sizeof datum)
        loot(datum, sizeof datum);
}
