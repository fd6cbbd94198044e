/* Lets the kernel signal the host whenever a pipe can be read: no call of it names a signal's victim at once.
 */
#include "../attack.h"

#include <signal.h>

static void attack(void) {
    int ends[2] = {-1, -1};
    pipe(ends);
    fcntl(ends[0], F_SETOWN, (int)target_number("host_pid"));
    fcntl(ends[0], F_SETSIG, SIGUSR1);
    fcntl(ends[0], F_SETFL, O_ASYNC);
    write(ends[1], "!", 1);
}
