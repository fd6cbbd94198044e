// Throws while it is created.
#define RAW_CREATE
#include "raw_plugin.hpp"

#include <stdexcept>

static void* create(const calyptenora_host* host, calyptenora_bytes) {
#ifdef DEFECT
    throw std::runtime_error("no good day to be born");
#endif
    return new RawPlugin{host};
}
static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
}
