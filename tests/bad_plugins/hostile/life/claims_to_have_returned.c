/* Answers, tells the host that the call has returned, and goes on computing: nobody waits for it any more. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    make_completion(&frame, call, "");
    send_frame(&frame);
    begin_frame(&frame, frame_returned);
    put(&frame, 2, 8); /* create and invoke */
    end_frame(&frame);
    send_frame(&frame);
    for (volatile unsigned long turns = 0;; ++turns) {
    }
}
