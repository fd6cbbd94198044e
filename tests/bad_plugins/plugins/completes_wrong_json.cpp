// Answers with half a document.
#include "raw_plugin.hpp"

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
#ifdef DEFECT
    static_cast<RawPlugin*>(self)->complete(call, R"({"deliveries":[)");
#else
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
#endif
}
