/* Leaves a process behind that goes on when the plugin has long been ended. */
#include "../addresses.h"
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    if (fork() != 0)
        return;
    setsid();
    if (fork() != 0)
        _exit(0);
    const struct sockaddr_in address = loopback(target_number("udp_port"));
    const char* canary = target("canary");
    close(3);
    for (int i = 0; i < 100; ++i) {
        sendto(socket(AF_INET, SOCK_DGRAM, 0), canary, strlen(canary), 0, (const struct sockaddr*)&address,
               sizeof address);
        usleep(50000);
    }
    _exit(0);
}
