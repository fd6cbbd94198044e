/* Begins a frame and never ends it: what follows seems to belong to it. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    begin_frame(&frame, frame_complete);
    put(&frame, 0, 8);
    frame.bytes[2] = 1; /* 65,536 bytes are announced */
    send_frame(&frame);
    complete(call);
}
