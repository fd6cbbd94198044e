/* Answers a call that has not been made yet; when it is, the answer is already there. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    static int calls;
    if (calls++ > 0)
        return;
    make_completion(&frame, call + 1, "forged");
    send_frame(&frame);
    complete(call);
}
