// Has the kernel ring as many timers as it will.
#include "../attack.h"

#include <poll.h>
#include <sys/timerfd.h>

static void attack() {
    long rung = 0;
    itimerspec soon{};
    soon.it_value.tv_nsec = 1;
    for (int i = 0; i < 64; ++i) {
        pollfd timer{timerfd_create(CLOCK_MONOTONIC, 0), POLLIN, 0};
        timerfd_settime(timer.fd, 0, &soon, nullptr);
        rung += poll(&timer, 1, 1000) == 1 && timer.revents == POLLIN;
    }
    loot_number(rung);
}
