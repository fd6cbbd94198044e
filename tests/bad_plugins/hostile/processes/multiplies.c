/* Forks and forks. Sixty-four times at most: outside of the sandbox nothing else would stop it. */
#include "../addresses.h"
#include "../attack.h"

#include <signal.h>
#include <sys/prctl.h>

static void attack(void) {
    const struct sockaddr_in address = loopback(target_number("udp_port"));
    const char* canary = target("canary");
    for (int i = 0; i < 64; ++i)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            sendto(socket(AF_INET, SOCK_DGRAM, 0), canary, strlen(canary), 0,
                   (const struct sockaddr*)&address, sizeof address);
            sleep(10);
            _exit(0);
        }
}
