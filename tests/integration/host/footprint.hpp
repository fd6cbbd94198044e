#pragma once

#include <cstdint>
#include <string>

namespace calyptenora::host {

/// What this process holds of the machine at one moment.
struct Footprint {
    std::size_t descriptors = 0;
    /// Its children and their children, as far as it is they who are told of their end: also those that have
    /// ended and were not waited for, and those whose parent has ended (see `prepare_to_take_footprints()`).
    std::size_t processes = 0;
    std::size_t threads = 0;
    std::uint64_t heap_bytes = 0;  ///< Allocated and not freed, as malloc counts it.
    /// Pages of its own. Those of files are left out: whether anybody else has them open is not our doing.
    std::uint64_t private_bytes = 0;

    static Footprint take();
};

/// Growth of memory that says nothing: caches of malloc, which differ from one moment to the next. 500 rounds
/// that lose 1 KiB each lose twice as much.
inline constexpr std::uint64_t noise_bytes = 250 * 1024;

/// What there is more of in `after`: of descriptors, processes and threads a single one, of memory more than
/// the noise. Empty if there is none.
std::string growth(const Footprint& before, const Footprint& after);

/// Call it before the first thread starts. From then on a process whose parent has ended becomes a child of
/// this one, instead of the system's; and all threads share one heap, from which free memory is given back
/// (that at the end of any further heap would stay, now more, now less of it).
void prepare_to_take_footprints();

}  // namespace calyptenora::host
