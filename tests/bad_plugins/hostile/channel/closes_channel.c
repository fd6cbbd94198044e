/* Closes the channel, so that nobody can tell it to end, and goes on. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    (void)call;
    close(channel_);
    for (;;)
        sleep(1);
}
