// Does with memory and numbers what its settings name, when it is called.
#define RAW_CREATE
#include "raw_plugin.hpp"

#include <climits>
#include <cstdlib>
#include <vector>

namespace {
std::string way;
volatile int one = 1;
volatile char sink;
}  // namespace

static void* create(const calyptenora_host* host, calyptenora_bytes settings) {
    way.assign(settings.data, settings.size);
    return new RawPlugin{host};
}

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes) {
    const auto is = [](const char* name) { return way.find(name) != std::string::npos; };
    if (is("overflow")) {
        const std::vector<char> bytes(16);
        sink = bytes.data()[15 + one];
    }
    if (is("use_after_free")) {
        auto* byte = static_cast<char*>(std::malloc(1));
        std::free(byte);
        sink = *static_cast<volatile char*>(byte);
    }
    if (is("undefined"))
        one = INT_MAX + one;
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
}
