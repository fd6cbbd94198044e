// Sends the host a signal with a forged sender.
#include "../attack.h"

#include <signal.h>

static void attack() {
    siginfo_t info{};
    info.si_code = SI_QUEUE;
    info.si_pid = 1;
    syscall(SYS_rt_sigqueueinfo, target_number("host_pid"), SIGUSR1, &info);
}
