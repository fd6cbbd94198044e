/* Sends a frame with a text that would be longer than the frame. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    begin_frame(&frame, frame_refused);
    put(&frame, 0x7fffffff, 4);
    end_frame(&frame);
    send_frame(&frame);
    loot("still trusted", 13);
    complete(call);
}
