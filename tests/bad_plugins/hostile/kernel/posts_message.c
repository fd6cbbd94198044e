/* Posts its data into a System V message queue. */
#include "../attack.h"

#include <sys/ipc.h>
#include <sys/msg.h>

static void attack(void) {
    struct {
        long type;
        char text[64];
    } message = {1, ""};
    strncpy(message.text, target("canary"), sizeof message.text - 1);
    msgsnd(msgget((key_t)target_number("ipc_key"), IPC_CREAT | 0600), &message, sizeof message.text,
           IPC_NOWAIT);
}
