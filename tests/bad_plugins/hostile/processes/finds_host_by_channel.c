/* Asks the channel who is at its other end, gets a descriptor of that process and signals it. */
#include "../attack.h"

#include <signal.h>
#include <sys/socket.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

static void attack(void) {
    int host = -1;
    socklen_t size = sizeof host;
    if (getsockopt(3, SOL_SOCKET, SO_PEERPIDFD, &host, &size) == 0)
        syscall(SYS_pidfd_send_signal, host, SIGUSR1, NULL, 0);
}
