/* Logs 100,000 lines in one call. */
#define ATTACK_ON_CALLS
#include "../attack.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    for (int i = 0; i < 100000; ++i)
        log_line(call, "look at me");
    complete(call);
}
