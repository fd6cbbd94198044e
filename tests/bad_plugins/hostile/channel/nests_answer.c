/* Answers with a document of half a million arrays, one inside the other: as deep as an answer can be. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    static char answer[1100000];
    size_t size = (size_t)snprintf(answer, sizeof answer, "{\"deliveries\":[],\"loot\":\"64656570\",\"x\":");
    memset(answer + size, '[', 500000);
    memset(answer + size + 500000, ']', 500000);
    answer[size + 1000000] = '}';
    calyptenora_bytes bytes;
    bytes.data = answer;
    bytes.size = size + 1000001;
    host_->complete(host_->context, call, CALYPTENORA_OK, bytes);
}
