/* Occupies a port towards the machine's hypervisor. */
#include "../addresses.h"
#include "../attack.h"

#include <linux/vm_sockets.h>

static void attack(void) {
    struct sockaddr_vm address;
    memset(&address, 0, sizeof address);
    address.svm_family = AF_VSOCK;
    address.svm_cid = VMADDR_CID_ANY;
    address.svm_port = (unsigned)target_number("back_door");
    const int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
    if (bind(fd, (const struct sockaddr*)&address, sizeof address) == 0)
        listen(fd, 1);
}
