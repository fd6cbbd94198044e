/* Says once more that it has been created. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    begin_frame(&frame, frame_created);
    put(&frame, 1, 1);
    end_frame(&frame);
    send_frame(&frame);
    loot("still trusted", 13);
    complete(call);
}
