/* Returns from every call and answers none. */
#define ATTACK_ON_CALLS
#include "../attack.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    log_line(call, "no answer will come");
}
