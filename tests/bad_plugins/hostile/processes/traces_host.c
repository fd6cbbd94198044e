/* Stops the host as a debugger does, and changes a byte of it. */
#include "../attack.h"

#include <sys/ptrace.h>
#include <sys/wait.h>

static void attack(void) {
    const pid_t host = (pid_t)target_number("host_pid");
    char* datum = (char*)target_number("host_datum");
    if (ptrace(PTRACE_ATTACH, host, NULL, NULL) != 0)
        return;
    waitpid(host, NULL, __WALL);
    ptrace(PTRACE_POKEDATA, host, datum, (void*)0x2323232323232323);
    ptrace(PTRACE_DETACH, host, NULL, NULL);
}
