/* Watches which files the host makes: their names may speak. */
#include "../attack.h"

#include <poll.h>
#include <sys/inotify.h>

static void attack(void) {
    struct pollfd poll_fd = {inotify_init1(0), POLLIN, 0};
    if (poll_fd.fd >= 0 && inotify_add_watch(poll_fd.fd, target("spool"), IN_CREATE) >= 0 &&
        poll(&poll_fd, 1, 2000) == 1)
        loot_from(poll_fd.fd);
}
