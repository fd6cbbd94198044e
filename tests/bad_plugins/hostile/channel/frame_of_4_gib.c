/* Announces a frame of 4 GiB. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    begin_frame(&frame, frame_complete);
    memset(frame.bytes, 0xff, 4);
    send_frame(&frame);
    complete(call);
}
