/*
 * Drives one plugin through the C interface, as a host would, in one call:
 *     drive LIBRARY MANIFEST SETTINGS OPERATION PAYLOAD
 * prints the status and the answer of the call. Every "clock" request is answered with 42; every "http"
 * request is printed and answered with the status DRIVE_HTTP_STATUS (200). Built by gcc against the installed
 * header.
 */
#include <calyptenora/plugin.h>

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t asked_token;
static int asked_http;
static int completions;

static calyptenora_bytes text(const char* from) {
    const calyptenora_bytes bytes = {from, strlen(from)};
    return bytes;
}

static void request(void* context, uint64_t call, uint64_t token, calyptenora_bytes service,
                    calyptenora_bytes payload) {
    (void)context;
    if (call == 7 && service.size == 5 && memcmp(service.data, "clock", 5) == 0) {
        asked_token = token;
    }
    if (call == 7 && service.size == 4 && memcmp(service.data, "http", 4) == 0) {
        asked_token = token;
        asked_http = 1;
        printf("http %.*s\n", (int)payload.size, payload.data);
    }
}

static void complete(void* context, uint64_t call, uint32_t status, calyptenora_bytes payload) {
    (void)context;
    ++completions;
    printf("call %" PRIu64 " status %" PRIu32 " %.*s\n", call, status, (int)payload.size, payload.data);
}

static int fail(const char* what) {
    fprintf(stderr, "%s\n", what);
    return 1;
}

static char* read_file(const char* name) {
    static char buffer[65536];
    FILE* file = fopen(name, "rb");
    if (file == NULL) {
        return NULL;
    }
    buffer[fread(buffer, 1, sizeof buffer - 1, file)] = '\0';
    fclose(file);
    return buffer;
}

int main(int argc, char** argv) {
    if (argc != 6) {
        return fail("usage: drive LIBRARY MANIFEST SETTINGS OPERATION PAYLOAD");
    }
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return fail(dlerror());
    }
    const calyptenora_plugin_table* (*entry)(void) = NULL;
    void* symbol = dlsym(library, "calyptenora_plugin");
    memcpy(&entry, &symbol, sizeof entry);
    if (entry == NULL) {
        return fail("no symbol calyptenora_plugin");
    }
    const calyptenora_plugin_table* table = entry();
    if (table->abi_major != CALYPTENORA_ABI_MAJOR || table->size < sizeof *table) {
        return fail("another ABI");
    }
    const char* manifest = read_file(argv[2]);
    if (manifest == NULL || strcmp(table->manifest, manifest) != 0) {
        return fail("the manifest in the library is not plugin.yaml");
    }
    const calyptenora_host host = {sizeof host, CALYPTENORA_ABI_MAJOR, CALYPTENORA_ABI_MINOR, NULL, request,
                                   complete};
    void* instance = table->create(&host, text(argv[3]));
    if (instance == NULL) {
        return completions == 1 ? 0 : fail("create failed without saying why");
    }
    table->invoke(instance, 7, text(argv[4]), text(argv[5]), text(""));
    while (asked_token != 0) {
        const uint64_t token = asked_token;
        const char* status = getenv("DRIVE_HTTP_STATUS");
        char answer[100];
        snprintf(answer, sizeof answer, "{\"status\":%.3s,\"headers\":{},\"body\":\"\"}",
                 status ? status : "200");
        asked_token = 0;
        table->reply(instance, token, CALYPTENORA_OK, text(asked_http ? answer : "{\"unix_micros\":42}"));
        asked_http = 0;
    }
    table->destroy(instance);
    dlclose(library);
    return completions == 1 ? 0 : fail("the call was not completed exactly once");
}
