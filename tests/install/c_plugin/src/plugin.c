/* The same plugin as tape, in C against plugin.h alone. It reads just enough JSON for what it does. */
#include <calyptenora/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 512, OPEN_CALLS = 8 };

struct open_call {
    uint64_t call; /* 0: free. Also the token of its one request. */
    char asset[TEXT_SIZE];
};

struct reel {
    const calyptenora_host* host;
    char pattern[TEXT_SIZE];
    struct open_call calls[OPEN_CALLS];
};

static calyptenora_bytes text(const char* from) {
    const calyptenora_bytes bytes = {from, strlen(from)};
    return bytes;
}

static void fail(const calyptenora_host* host, uint64_t call, uint32_t status, const char* message) {
    char document[TEXT_SIZE];
    snprintf(document, sizeof document, "{\"message\":\"%s\"}", message);
    host->complete(host->context, call, status, text(document));
}

/* Copies the string member `name` of a flat document. Returns 0 if it is missing, too long or holds an
 * escape. */
static int read_member(calyptenora_bytes document, const char* name, char* out) {
    char key[64];
    const int key_size = snprintf(key, sizeof key, "\"%s\":\"", name);
    for (size_t at = 0; at + (size_t)key_size <= document.size; ++at) {
        if (memcmp(document.data + at, key, (size_t)key_size) != 0) {
            continue;
        }
        size_t size = 0;
        for (at += (size_t)key_size; at < document.size; ++at) {
            const char character = document.data[at];
            if (character == '"') {
                out[size] = '\0';
                return 1;
            }
            if (character == '\\' || size + 1 == TEXT_SIZE) {
                return 0;
            }
            out[size++] = character;
        }
    }
    return 0;
}

static void* create(const calyptenora_host* host, calyptenora_bytes settings) {
    struct reel* self = calloc(1, sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->host = host;
    if (!read_member(settings, "pattern", self->pattern)) {
        free(self);
        fail(host, 0, CALYPTENORA_INVALID_CONFIG, "the setting pattern is missing");
        return NULL;
    }
    return self;
}

static void destroy(void* instance) {
    free(instance);
}

static struct open_call* find_call(struct reel* self, uint64_t call) {
    for (int i = 0; i < OPEN_CALLS; ++i) {
        if (self->calls[i].call == call) {
            return &self->calls[i];
        }
    }
    return NULL;
}

static void invoke(void* instance, uint64_t call, calyptenora_bytes operation, calyptenora_bytes payload,
                   calyptenora_bytes secret) {
    struct reel* self = instance;
    struct open_call* open = find_call(self, 0);
    (void)secret;
    if (operation.size != 4 || memcmp(operation.data, "play", 4) != 0) {
        fail(self->host, call, CALYPTENORA_UNSUPPORTED, "only play");
    } else if (open == NULL) {
        fail(self->host, call, CALYPTENORA_TEMPORARY, "too many calls at once");
    } else if (!read_member(payload, "asset", open->asset)) {
        fail(self->host, call, CALYPTENORA_INVALID_INPUT, "no asset");
    } else {
        open->call = call;
        self->host->request(self->host->context, call, call, text("clock"), text("{}"));
    }
}

static void reply(void* instance, uint64_t token, uint32_t status, calyptenora_bytes payload) {
    struct reel* self = instance;
    struct open_call* open = find_call(self, token);
    char document[4 * TEXT_SIZE];
    unsigned long long now = 0;
    char copy[128] = "";
    if (open == NULL) {
        return;
    }
    open->call = 0;
    memcpy(copy, payload.data, payload.size < sizeof copy ? payload.size : sizeof copy - 1);
    if (status != CALYPTENORA_OK || sscanf(copy, "{\"unix_micros\":%llu", &now) != 1) {
        fail(self->host, token, CALYPTENORA_TEMPORARY, "no clock");
        return;
    }
    snprintf(document, sizeof document,
             "{\"iframe\":{\"url\":\"%s%s?at=%llu\",\"sandbox\":[\"allow-scripts\"],\"allow\":[],"
             "\"message_protocol\":\"\"}}",
             self->pattern, open->asset, now);
    self->host->complete(self->host->context, token, CALYPTENORA_OK, text(document));
}

static void cancel(void* instance, uint64_t call) {
    struct open_call* open = find_call(instance, call);
    if (open != NULL) {
        open->call = 0;
    }
}

const calyptenora_plugin_table* calyptenora_plugin(void) {
    static calyptenora_plugin_table table = {
        .size = sizeof(calyptenora_plugin_table),
        .abi_major = CALYPTENORA_ABI_MAJOR,
        .abi_minor = CALYPTENORA_ABI_MINOR,
        .create = create,
        .destroy = destroy,
        .invoke = invoke,
        .reply = reply,
        .cancel = cancel,
    };
    table.manifest = calyptenora_manifest_text;
    return &table;
}
