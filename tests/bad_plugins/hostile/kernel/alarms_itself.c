/* Has itself interrupted by signals without end. */
#include "../attack.h"

#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t alarms;

static void count(int number) {
    (void)number;
    ++alarms;
}

static void attack(void) {
    const struct itimerval often = {{0, 100}, {0, 100}};
    const struct itimerval never = {{0, 0}, {0, 0}};
    signal(SIGALRM, count);
    if (setitimer(ITIMER_REAL, &often, NULL) != 0)
        return;
    for (int i = 0; i < 2000 && alarms < 100; ++i)
        usleep(1000);
    setitimer(ITIMER_REAL, &never, NULL);
    loot_number(alarms >= 100);
}
