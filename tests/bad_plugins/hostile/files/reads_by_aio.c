/* Reads the database by asynchronous I/O of the kernel. */
#include "../attack.h"

#include <linux/aio_abi.h>

static void attack(void) {
    aio_context_t context = 0;
    char bytes[256];
    struct iocb request, *requests[1] = {&request};
    struct io_event event;
    if (syscall(SYS_io_setup, 4, &context) != 0)
        return;
    memset(&request, 0, sizeof request);
    request.aio_fildes = (uint32_t)open(target("database"), O_RDONLY);
    request.aio_lio_opcode = IOCB_CMD_PREAD;
    request.aio_buf = (uint64_t)(uintptr_t)bytes;
    request.aio_nbytes = sizeof bytes;
    if (syscall(SYS_io_submit, context, 1, requests) == 1 &&
        syscall(SYS_io_getevents, context, 1, 1, &event, NULL) == 1 && event.res > 0)
        loot(bytes, (size_t)event.res);
}
