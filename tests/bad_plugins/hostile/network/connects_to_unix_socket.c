/* Talks to a local service by its path: the database server, the session bus. */
#include "../addresses.h"
#include "../attack.h"

static void attack(void) {
    struct sockaddr_un address;
    const socklen_t size = unix_address(&address, target("unix_path"), 0);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr*)&address, size) == 0)
        write(fd, target("canary"), strlen(target("canary")));
}
