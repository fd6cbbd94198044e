// Answers at once with the bytes that it was given and looks at none of them, as the bare echo does: what is
// measured is the way there and back, not what a plugin makes of a document.
#include <calyptenora/plugin.h>

namespace {

void* create(const calyptenora_host* host, calyptenora_bytes) {
    return new const calyptenora_host*(host);
}

void destroy(void* self) {
    delete static_cast<const calyptenora_host**>(self);
}

void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes document, calyptenora_bytes) {
    const auto& host = **static_cast<const calyptenora_host**>(self);
    host.complete(host.context, call, CALYPTENORA_OK, document);
}

// It asks for nothing, and no call of it lives on.
void reply(void*, uint64_t, uint32_t, calyptenora_bytes) {}
void cancel(void*, uint64_t) {}

}  // namespace

const calyptenora_plugin_table* calyptenora_plugin(void) {
    static const calyptenora_plugin_table table{sizeof table,
                                                CALYPTENORA_ABI_MAJOR,
                                                CALYPTENORA_ABI_MINOR,
                                                calyptenora_manifest_text,
                                                create,
                                                destroy,
                                                invoke,
                                                reply,
                                                cancel};
    return &table;
}
