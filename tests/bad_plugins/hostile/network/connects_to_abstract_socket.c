/* The same by a name that is in no file system, so that no mount namespace hides it. */
#include "../addresses.h"
#include "../attack.h"

static void attack(void) {
    struct sockaddr_un address;
    const socklen_t size = unix_address(&address, target("abstract_name"), 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr*)&address, size) == 0)
        write(fd, target("canary"), strlen(target("canary")));
}
