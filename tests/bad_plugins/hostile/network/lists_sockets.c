/* Asks the kernel by netlink which ports of the machine are open. */
#include "../addresses.h"
#include "../attack.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

static void attack(void) {
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } question;
    char answer[65536];
    memset(&question, 0, sizeof question);
    question.head.nlmsg_len = sizeof question;
    question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.body.sdiag_family = AF_INET;
    question.body.sdiag_protocol = IPPROTO_TCP;
    question.body.idiag_states = 1 << 10; /* listening */
    const int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
    send(fd, &question, sizeof question, 0);
    int size = (int)recv(fd, answer, sizeof answer, 0);
    for (struct nlmsghdr* head = (struct nlmsghdr*)answer;
         NLMSG_OK(head, size) && head->nlmsg_type == SOCK_DIAG_BY_FAMILY; head = NLMSG_NEXT(head, size)) {
        loot_number(ntohs(((struct inet_diag_msg*)NLMSG_DATA(head))->id.idiag_sport));
        loot(" ", 1);
    }
}
