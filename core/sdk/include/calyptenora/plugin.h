#ifndef CALYPTENORA_PLUGIN_H
#define CALYPTENORA_PLUGIN_H

/*
 * The binary interface between the host and a plugin. C11 and C++20.
 *
 * A plugin is one shared library that exports one symbol, `calyptenora_plugin`. Everything else is reached
 * through the table that it returns. All data crosses as bytes: one JSON document (UTF-8) for each call,
 * request and answer.
 *
 * Threads: every function of one instance is called by one thread at a time, always the same, never an I/O
 * thread. The plugin may call `request` and `complete` from that thread only, from inside `create`, `invoke`,
 * `reply` or `cancel`.
 *
 * Memory: every `calyptenora_bytes` that is passed belongs to the caller and is valid until the called
 * function returns. Copy what must live longer.
 *
 * Growth: structures grow at their end only; `size` says how much of one exists. A released meaning never
 * changes. The major number changes when an old plugin can no longer be loaded, the minor number with each
 * addition.
 *
 * Nothing may be thrown or longjmp'ed across these functions.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALYPTENORA_ABI_MAJOR 1
#define CALYPTENORA_ABI_MINOR 0

/* Borrowed bytes. `data` may be NULL when `size` is 0. Not terminated by NUL. */
typedef struct calyptenora_bytes {
    const char* data;
    size_t size;
} calyptenora_bytes;

/*
 * Outcome of a call or of a host service. Any other value than `ok` comes with an error document
 * {"message": "...", "retry_after_s": 30 (optional)} instead of the answer.
 */
typedef enum calyptenora_status {
    CALYPTENORA_OK = 0,
    CALYPTENORA_INVALID_CONFIG = 1,
    CALYPTENORA_INVALID_INPUT = 2,
    CALYPTENORA_DENIED = 3,
    CALYPTENORA_NOT_FOUND = 4,
    CALYPTENORA_CONFLICT = 5,
    CALYPTENORA_RATE_LIMITED = 6,
    CALYPTENORA_TEMPORARY = 7,
    CALYPTENORA_PERMANENT = 8,
    CALYPTENORA_UNSUPPORTED = 9
} calyptenora_status;

/* What the host offers to one plugin instance. Valid from `create` until `destroy` has returned. */
typedef struct calyptenora_host {
    uint32_t size; /* sizeof(calyptenora_host) as the host was built. */
    uint16_t abi_major;
    uint16_t abi_minor;
    void* context; /* Opaque; pass it back as the first argument of the functions below. */

    /*
     * Asks the host for a service ("http", "mail", "store", "clock", "random", "log") on behalf of a live
     * call. The host answers later through `reply` with the same token, never from inside this function.
     * "log" is not answered. call:  the call that this request serves. The host knows the call's purpose and
     * learners; a request for a call that is not live (completed, cancelled, unknown) is answered with
     * CALYPTENORA_DENIED. token: chosen by the plugin, unique among its open requests, not 0.
     */
    void (*request)(void* context, uint64_t call, uint64_t token, calyptenora_bytes service,
                    calyptenora_bytes payload);

    /*
     * Ends a call, exactly once. A second completion, and one for a call that is not live, is refused and
     * logged. Call 0 stands for `create`: a plugin that cannot be created says why with complete(context, 0,
     * status, error) and then returns NULL.
     */
    void (*complete)(void* context, uint64_t call, uint32_t status, calyptenora_bytes payload);
} calyptenora_host;

/* What a plugin offers. The table and all that it points to live as long as the library is loaded. */
typedef struct calyptenora_plugin_table {
    uint32_t size; /* sizeof(calyptenora_plugin_table) as the plugin was built. */
    uint16_t abi_major;
    uint16_t abi_minor;

    /* The text of plugin.yaml, NUL-terminated: the very bytes of the library's manifest note. */
    const char* manifest;

    /*
     * Makes an instance. Called once per instance, before any other function of it. `settings` is the JSON
     * document of the instance's settings (secrets included). No host service may be requested before
     * `create` has returned. Returns the instance, owned by the plugin until `destroy`, or NULL (see
     * `complete`).
     */
    void* (*create)(const calyptenora_host* host, calyptenora_bytes settings);

    /* Ends an instance. No call is live. Nothing of the instance is called afterwards. */
    void (*destroy)(void* self);

    /*
     * Begins a call. The plugin ends it by `complete`, from inside this function or later.
     * call:    never 0, never used twice.
     * payload: the operation's request document. It holds only the personal data that the gate has released
     * for this call; a field that is not there was either not known or not released, and the two look the
     * same. secret:  a JSON object of the secret inputs typed by a person into the plugin's own prompt, or
     * empty. The host wipes it when the call ends; do not keep it.
     */
    void (*invoke)(void* self, uint64_t call, calyptenora_bytes operation, calyptenora_bytes payload,
                   calyptenora_bytes secret);

    /* Answers a request. The token is free again when this function is entered. */
    void (*reply)(void* self, uint64_t token, uint32_t status, calyptenora_bytes payload);

    /*
     * The call is over for the host (deadline, withdrawal, shutdown): free what it holds, do not complete it.
     * Open requests of the call will not be answered. May name a call that has just been completed; ignore
     * that.
     */
    void (*cancel)(void* self, uint64_t call);
} calyptenora_plugin_table;

#if defined(__GNUC__)
#define CALYPTENORA_EXPORT __attribute__((visibility("default")))
#else
#define CALYPTENORA_EXPORT
#endif

/* The one exported symbol. Returns the same table at each call; never NULL. */
CALYPTENORA_EXPORT const calyptenora_plugin_table* calyptenora_plugin(void);

/*
 * The text of plugin.yaml, for `manifest` above. Defined by the file that calyptenora_add_plugin() generates,
 * which puts it into the library as an ELF note, beside a note with the ABI version, so that the host can
 * read both before it loads anything.
 */
extern const char calyptenora_manifest_text[];

#ifdef __cplusplus
}
#endif

#endif
