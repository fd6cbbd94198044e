// Answers with Latin-1.
#include "raw_plugin.hpp"

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
#ifdef DEFECT
    static_cast<RawPlugin*>(self)->complete(call, "{\"deliveries\":[],\"note\":\"sch\xf6n\"}");
#else
    static_cast<RawPlugin*>(self)->complete(call, "{\"deliveries\":[],\"note\":\"sch\xc3\xb6n\"}");
#endif
}
