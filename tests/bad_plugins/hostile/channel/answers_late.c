/* Answers a call when its deadline has passed, in the middle of another one. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    static uint64_t first;
    if (first == 0) {
        first = call;
        return;
    }
    loot("late", 4);
    complete(first);
    loot_size_ = 0;
    complete(call);
}
