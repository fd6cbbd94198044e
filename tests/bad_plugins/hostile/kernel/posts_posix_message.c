/* Posts its data into a POSIX message queue. */
#include "../attack.h"

#include <mqueue.h>

static void attack(void) {
    struct mq_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.mq_maxmsg = 1;
    attributes.mq_msgsize = 64;
    const char* canary = target("canary");
    mq_send(mq_open(target("queue_name"), O_CREAT | O_WRONLY, 0600, &attributes), canary, strlen(canary), 0);
}
