// A machine whose clock says what a test writes into a file: loaded before the program, so that hours of
// learning are played in seconds, and no verdict depends on how fast a machine is. Monotonic clocks go on.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using Ask = int (*)(clockid_t, timespec*);

Ask next() {
    static const auto found = reinterpret_cast<Ask>(dlsym(RTLD_NEXT, "clock_gettime"));
    return found;
}

/// Microseconds since 1970; nothing without a file.
const std::atomic<std::int64_t>* open_told() {
    const char* path = std::getenv("TOLD_CLOCK");
    const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return nullptr;
    void* const place = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    return place == MAP_FAILED ? nullptr : static_cast<const std::atomic<std::int64_t>*>(place);
}

// Before a worker's sandbox closes.
const std::atomic<std::int64_t>* const told = open_told();

}  // namespace

extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t clock, timespec* now) noexcept {
    if (!told || clock != CLOCK_REALTIME)
        return next()(clock, now);
    const auto microseconds = told->load();
    now->tv_sec = microseconds / 1'000'000;
    now->tv_nsec = microseconds % 1'000'000 * 1'000;
    return 0;
}
