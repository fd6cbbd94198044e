#pragma once

#include <cstdint>

namespace calyptenora::hostile {

/// What the stand-in for the host tells the test, in memory that both share.
struct StandInState {
    volatile bool is_ready = false;
    volatile int signals = 0;           ///< How many SIGUSR1 it got.
    volatile std::uintptr_t datum = 0;  ///< Where a learner's datum lies in its memory.
    volatile int database = -1;         ///< The descriptor under which it has the database open.
};

}  // namespace calyptenora::hostile
