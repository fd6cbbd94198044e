/* Sends a datagram. */
#include "../addresses.h"
#include "../attack.h"

static void attack(void) {
    const struct sockaddr_in address = loopback(target_number("udp_port"));
    const char* canary = target("canary");
    sendto(socket(AF_INET, SOCK_DGRAM, 0), canary, strlen(canary), 0, (const struct sockaddr*)&address,
           sizeof address);
}
