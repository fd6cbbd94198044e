// Never returns.
#include "raw_plugin.hpp"

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
#ifdef DEFECT
    // Volatile: the compiler may take any other loop without an end for granted to end.
    volatile bool never = false;
    while (!never) {
    }
#endif
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
}
