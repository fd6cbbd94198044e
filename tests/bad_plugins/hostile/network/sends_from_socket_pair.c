/* A socketpair of datagrams needs no network, and can nevertheless be sent from to any name. */
#include "../addresses.h"
#include "../attack.h"

static void attack(void) {
    struct sockaddr_un address;
    const char* canary = target("canary");
    int pair[2] = {-1, -1};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    const socklen_t size = unix_address(&address, target("abstract_datagram_name"), 1);
    sendto(pair[0], canary, strlen(canary), 0, (const struct sockaddr*)&address, size);
}
