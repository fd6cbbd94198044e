/* Logs a document of a million arrays, one inside the other. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    static char text[2000000];
    memset(text, '[', 1000000);
    memset(text + 1000000, ']', 1000000);
    calyptenora_bytes bytes;
    bytes.data = text;
    bytes.size = sizeof text;
    host_->request(host_->context, call, 0, text_bytes("log"), bytes);
    complete(call);
}
