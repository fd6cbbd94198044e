#ifndef CALYPTENORA_MACHINE_CODE_H
#define CALYPTENORA_MACHINE_CODE_H

/* Code that the plugin brings along as data: a function that returns 4711. */

#include "attack.h"

#include <sys/mman.h>

#if defined(__x86_64__)
static const unsigned char code_[] = {0xb8, 0x67, 0x12, 0x00, 0x00, 0xc3}; /* mov eax, 4711; ret */
#elif defined(__aarch64__)
static const unsigned char code_[] = {0xe0, 0x4c, 0x82, 0x52,
                                      0xc0, 0x03, 0x5f, 0xd6}; /* mov w0, #4711; ret */
#else
#error "write these two instructions for this machine"
#endif

/* Runs what stands there, and takes its result for loot. */
static inline void loot_result_of(void* code) {
    int (*function)(void);
    __builtin___clear_cache((char*)code, (char*)code + sizeof code_);
    memcpy(&function, &code, sizeof function);
    loot_number(function());
}

#endif
