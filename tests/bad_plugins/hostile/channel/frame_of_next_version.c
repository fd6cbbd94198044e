/* Sends a frame of another version. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    begin_frame(&frame, frame_ready);
    frame.bytes[4] = 2;
    send_frame(&frame);
    loot("still trusted", 13);
    complete(call);
}
