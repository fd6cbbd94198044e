/* Says once more which process it is, and means another one: for the host to look at, and to end in its
 * place. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    begin_frame(&frame, frame_born);
    put(&frame, (uint64_t)target_number("host_pid"), 4);
    end_frame(&frame);
    send_frame(&frame);
    complete(call);
}
