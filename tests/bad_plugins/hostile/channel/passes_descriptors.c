/* Sends descriptors along with a frame, until the host has none left. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

#include <sys/socket.h>

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    char control[CMSG_SPACE(16 * sizeof(int))];
    struct iovec bytes = {frame.bytes, 0};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(control, 0, sizeof control);
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(16 * sizeof(int));
    for (int i = 0; i < 16; ++i)
        memcpy(CMSG_DATA(head) + (size_t)i * sizeof(int), &(int){channel_}, sizeof(int));
    make_completion(&frame, call, "");
    bytes.iov_len = frame.size;
    sendmsg(channel_, &message, 0);
}
