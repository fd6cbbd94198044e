// Answers with 100 MiB.
#include "raw_plugin.hpp"

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
#ifdef DEFECT
    const std::size_t size = 100 * 1024 * 1024;
#else
    const std::size_t size = 1024 * 1024 - 1;
#endif
    std::string answer(good_answer);
    answer.insert(answer.size() - 1, size - answer.size(), ' ');
    static_cast<RawPlugin*>(self)->complete(call, answer);
}
