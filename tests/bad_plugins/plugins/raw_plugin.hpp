#pragma once

#include <calyptenora/plugin.h>

#include <string>
#include <string_view>

/// A plugin on the bare C interface, since the SDK prevents most of what these do wrong. The including file
/// defines invoke(), and may define RAW_CREATE.
struct RawPlugin {
    const calyptenora_host* host;

    void complete(uint64_t call, std::string_view answer, uint32_t status = CALYPTENORA_OK) const {
        host->complete(host->context, call, status, {answer.data(), answer.size()});
    }
};

inline constexpr std::string_view good_answer = R"({"deliveries":[]})";

static void invoke(void* self, uint64_t call, calyptenora_bytes operation, calyptenora_bytes payload,
                   calyptenora_bytes secret);

#ifndef RAW_CREATE
static void* create(const calyptenora_host* host, calyptenora_bytes) {
    return new RawPlugin{host};
}
#else
static void* create(const calyptenora_host* host, calyptenora_bytes settings);
#endif

static void destroy(void* self) {
    delete static_cast<RawPlugin*>(self);
}
static void reply(void*, uint64_t, uint32_t, calyptenora_bytes) {}
static void cancel(void*, uint64_t) {}

#ifndef RAW_ENTRY
#define RAW_ENTRY calyptenora_plugin
#endif
extern "C" CALYPTENORA_EXPORT const calyptenora_plugin_table* RAW_ENTRY(void) {
    static const calyptenora_plugin_table table{sizeof table,
                                                CALYPTENORA_ABI_MAJOR,
                                                CALYPTENORA_ABI_MINOR,
                                                calyptenora_manifest_text,
                                                &create,
                                                &destroy,
                                                &invoke,
                                                &reply,
                                                &cancel};
    return &table;
}
