// Throws across the C interface, whatever it is asked.
#include "raw_plugin.hpp"

#include <stdexcept>

static void invoke(void* self, uint64_t call, calyptenora_bytes operation, calyptenora_bytes,
                   calyptenora_bytes) {
#ifdef DEFECT
    if (std::string_view(operation.data, operation.size) == "retract")
        throw 42;
    throw std::runtime_error("the sky is falling");
#endif
    (void)operation;
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
}
