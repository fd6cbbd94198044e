/* Answers the calls that other plugins are working on, whose numbers can be guessed. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    struct frame frame;
    for (uint64_t start = 1; start <= 8; ++start)
        for (uint64_t number = 1; number <= 600; ++number) {
            make_completion(&frame, (start << 40) + number, "forged");
            if ((start << 40) + number != call)
                send_frame(&frame);
        }
    complete(call);
}
