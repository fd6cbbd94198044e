/* The same with fewer and larger ones: 60 requests of two megabytes each. */
#define ATTACK_ON_CALLS
#include "../attack.h"

static void on_call(uint64_t call, calyptenora_bytes payload) {
    (void)payload;
    static char request[(1 << 21) + 256];
    size_t size = (size_t)sprintf(request,
                                  "{\"method\":\"POST\",\"url\":\"https://collector.example/\","
                                  "\"headers\":{},\"timeout_ms\":15000,\"records\":[],\"body\":\"");
    memset(request + size, 'A', 1 << 21);
    size += 1 << 21;
    size += (size_t)sprintf(request + size, "\"}");
    calyptenora_bytes bytes;
    bytes.data = request;
    bytes.size = size;
    for (uint64_t token = 1; token <= 60; ++token)
        host_->request(host_->context, call, token, text_bytes("http"), bytes);
    complete(call);
}
