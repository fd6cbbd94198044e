#ifndef CALYPTENORA_ADDRESSES_H
#define CALYPTENORA_ADDRESSES_H

/* Socket addresses of the attacks' targets. */

#include "attack.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static inline struct sockaddr_in loopback(long port) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* A path in the file system, or with `abstract` a name beside it. */
static inline socklen_t unix_address(struct sockaddr_un* address, const char* name, int abstract) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strncpy(address->sun_path + abstract, name, sizeof address->sun_path - 2);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)abstract + strlen(name));
}

#endif
