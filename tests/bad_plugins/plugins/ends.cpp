// Ends its process in the way that its settings name, when it is called; with no way named it answers.
#define RAW_CREATE
#include "raw_plugin.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {
std::string way;
}

static void* create(const calyptenora_host* host, calyptenora_bytes settings) {
    way.assign(settings.data, settings.size);
    return new RawPlugin{host};
}

static void invoke(void* self, uint64_t call, calyptenora_bytes, calyptenora_bytes, calyptenora_bytes typed) {
    const auto is = [](const char* name) { return way.find(name) != std::string::npos; };
    if (is("segv"))
        raise(SIGSEGV), *static_cast<volatile int*>(nullptr) = 1;
    if (is("abort"))
        std::abort();
    if (is("exit"))
        std::exit(7);
    if (is("socket"))
        socket(AF_INET, SOCK_STREAM, 0);
    if (is("close"))
        close(3);
    if (is("garbage"))
        (void)!write(3, "\xff\xff\xff\xff\x01\x46\x00\x00", 8);
    if (is("prints"))
        std::fprintf(stderr, "the key is sk-canary-7f3a\nand more\n"), std::abort();
    if (is("repeats"))
        std::fprintf(stderr, "typed was\n%.*s", int(typed.size), typed.data);
    if (is("pretends")) {
        // Frames of its own making: the call is complete (an answer of 2 bytes), and the second function,
        // this one, has returned. Then it goes on.
        std::string frames("\x1a\0\0\0\x01\x46\0\0", 8);
        frames.append(reinterpret_cast<const char*>(&call), 8);
        frames.append(
            "\0\0\0\0"
            "\x02\0\0\0\0\0\0\0"
            "\x02\0\0\0"
            "{}",
            18);
        frames.append(
            "\x08\0\0\0\x01\x48\0\0"
            "\x02\0\0\0\0\0\0\0",
            16);
        (void)!write(3, frames.data(), frames.size());
        volatile bool never = false;
        while (!never) {
        }
    }
    static_cast<RawPlugin*>(self)->complete(call, good_answer);
}
