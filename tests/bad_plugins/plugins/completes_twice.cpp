// Answers each call twice, with different answers.
#include "raw_plugin.hpp"

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
#ifdef DEFECT
    static_cast<RawPlugin*>(self)->complete(call, R"({"deliveries":["second"]})");
    static_cast<RawPlugin*>(self)->complete(call + 1000, R"({"deliveries":["of nobody's call"]})");
#endif
}
