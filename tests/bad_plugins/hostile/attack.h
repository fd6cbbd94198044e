#ifndef CALYPTENORA_ATTACK_H
#define CALYPTENORA_ATTACK_H

/*
 * The plugin around an attack, on the bare C interface. C11 and C++20, with _GNU_SOURCE.
 *
 * The including file defines attack(), which runs inside the first call. With one of these defined before the
 * inclusion it runs elsewhere, and the calls are answered as if nothing were:
 *
 *     ATTACK_AT_LOAD     in a static constructor, before the host knows anything of the plugin
 *     ATTACK_AT_CREATE   in create()
 *     ATTACK_AT_DESTROY  in destroy()
 *     ATTACK_AT_UNLOAD   in a destructor of the library, or when the process ends
 *     ATTACK_ON_CALLS    the file defines on_call() in its place, which is called for each call and answers
 * it
 *
 * What an attack gets hold of, it gives back as the "loot" of the call's answer, in hexadecimal: that way out
 * is open to it wherever it runs. When it returns, the host's log gets "the attack is over" and errno.
 */

#include <calyptenora/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const calyptenora_host* host_;
static char settings_[4096];
static unsigned char loot_[2048];
static size_t loot_size_;

/* Tries it. `errno` is 0 before. */
static void attack(void);
/* With ATTACK_ON_CALLS: the same during each call, which it completes. */
static void on_call(uint64_t call, calyptenora_bytes payload);

static inline calyptenora_bytes text_bytes(const char* text) {
    calyptenora_bytes bytes;
    bytes.data = text;
    bytes.size = strlen(text);
    return bytes;
}

/* What the settings name as the target of this kind ("database", "host_pid"); "" if there is none. */
static inline const char* target(const char* name) {
    static char values[4][512];
    static int last;
    char key[64];
    char* value = values[last = (last + 1) % 4];
    value[0] = '\0';
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char* found = strstr(settings_, key);
    if (found)
        sscanf(found + strlen(key), "%511[^\"]", value);
    return value;
}

static inline long target_number(const char* name) {
    return strtol(target(name), NULL, 0);
}

static inline void loot(const void* data, size_t size) {
    if (size > sizeof loot_ - loot_size_)
        size = sizeof loot_ - loot_size_;
    memcpy(loot_ + loot_size_, data, size);
    loot_size_ += size;
}

static inline void loot_number(long number) {
    char text[32];
    loot(text, (size_t)snprintf(text, sizeof text, "%ld", number));
}

/* What can be read from a descriptor at once. */
static inline void loot_from(int fd) {
    char bytes[sizeof loot_];
    const ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (size > 0)
        loot(bytes, (size_t)size);
}

static inline void complete(uint64_t call) {
    char answer[2 * sizeof loot_ + 64];
    size_t size = (size_t)snprintf(answer, sizeof answer, "{\"deliveries\":[],\"loot\":\"");
    for (size_t i = 0; i < loot_size_; ++i)
        size += (size_t)snprintf(answer + size, 3, "%02x", loot_[i]);
    size += (size_t)snprintf(answer + size, 4, "\"}");
    calyptenora_bytes bytes;
    bytes.data = answer;
    bytes.size = size;
    host_->complete(host_->context, call, CALYPTENORA_OK, bytes);
}

static inline void log_line(uint64_t call, const char* text) {
    char line[256];
    snprintf(line, sizeof line, "{\"level\":\"info\",\"text\":\"%s\"}", text);
    host_->request(host_->context, call, 0, text_bytes("log"), text_bytes(line));
}

#ifndef ATTACK_ON_CALLS
/* What the log gets. */
static char outcome_[64] = "the attack has not begun";

static inline void run_attack(void) {
    errno = 0;
    attack();
    snprintf(outcome_, sizeof outcome_, "the attack is over (%s)",
             errno ? strerrorname_np(errno) : "no error");
}
#endif

#if defined(ATTACK_AT_LOAD)
__attribute__((constructor)) static void at_load(void) {
    run_attack();
}
#elif defined(ATTACK_AT_UNLOAD)
__attribute__((destructor)) static void at_unload(void) {
    run_attack();
}
#endif

static void* create(const calyptenora_host* host, calyptenora_bytes settings) {
    host_ = host;
    if (settings.size < sizeof settings_)
        memcpy(settings_, settings.data, settings.size);
#ifdef ATTACK_AT_CREATE
    run_attack();
#endif
    return settings_;
}

static void destroy(void* self) {
    (void)self;
#ifdef ATTACK_AT_DESTROY
    run_attack();
#endif
}

static void invoke(void* self, uint64_t call, calyptenora_bytes operation, calyptenora_bytes payload,
                   calyptenora_bytes secret) {
    (void)self, (void)operation, (void)payload, (void)secret;
#ifdef ATTACK_ON_CALLS
    on_call(call, payload);
#else
#if !defined(ATTACK_AT_LOAD) && !defined(ATTACK_AT_CREATE) && !defined(ATTACK_AT_DESTROY) && \
    !defined(ATTACK_AT_UNLOAD)
    run_attack();
#endif
    log_line(call, outcome_);
    complete(call);
#endif
}

static void reply(void* self, uint64_t token, uint32_t status, calyptenora_bytes payload) {
    (void)self, (void)token, (void)status, (void)payload;
}

static void cancel(void* self, uint64_t call) {
    (void)self, (void)call;
}

#ifdef __cplusplus
extern "C"
#endif
    CALYPTENORA_EXPORT const calyptenora_plugin_table*
    calyptenora_plugin(void) {
    static const calyptenora_plugin_table table = {sizeof table,
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

#endif
