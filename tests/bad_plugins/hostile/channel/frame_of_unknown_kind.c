/* Sends a frame that there is no such kind of, and goes on as if nothing were. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    begin_frame(&frame, 200);
    send_frame(&frame);
    loot("still trusted", 13);
    complete(call);
}
