// Never returns.
#include "raw_plugin.hpp"

#include <atomic>

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
#ifdef DEFECT
    static std::atomic<bool> never = false;
    while (!never) {
    }
#endif
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
}
