/* Makes itself master of a network of its own and reads there what passes, headers and all. */
#include "../addresses.h"
#include "../attack.h"

#include <linux/if_ether.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

static void attack(void) {
    const char* canary = target("canary");
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return;
    const struct sockaddr_in address = loopback(9);
    const int out = socket(AF_INET, SOCK_DGRAM, 0);
    const int in = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    if (ioctl(out, SIOCSIFFLAGS, &request) == 0 &&
        sendto(out, canary, strlen(canary), 0, (const struct sockaddr*)&address, sizeof address) > 0)
        loot_from(in);
}
