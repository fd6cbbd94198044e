/* The plugin beside each attack: has a secret of its own, and answers every call but one that says "wait". */
#define ATTACK_ON_CALLS
#include "attack.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    if (payload.size < 6 || memcmp(payload.data, "\"wait\"", 6) != 0)
        complete(call);
}
