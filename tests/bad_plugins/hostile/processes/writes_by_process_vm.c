/* Changes a byte in the host's memory. */
#include "../attack.h"

#include <sys/uio.h>

static void attack(void) {
    char byte = '#';
    struct iovec here = {&byte, 1}, there = {(void*)target_number("host_datum"), 1};
    process_vm_writev((pid_t)target_number("host_pid"), &here, 1, &there, 1, 0);
}
