#pragma once

#include <calyptenora/vocabulary.hpp>

#include <cstdint>

namespace calyptenora::host {

/// What becomes of a learner's action when its plugin cannot answer.
enum class FailureMode : std::uint8_t {
    closed,   ///< The action does not happen: nobody is signed in, nothing counts as paid.
    skipped,  ///< The page works without it; a text stands where the player would be.
    queued,   ///< It is kept and delivered later.
};

constexpr FailureMode failure_mode_of(Family family) {
    switch (family) {
        case Family::auth:
        case Family::payments:
            return FailureMode::closed;
        case Family::video:
            return FailureMode::skipped;
        case Family::analytics:
        case Family::support:
            return FailureMode::queued;
    }
    return FailureMode::closed;
}

}  // namespace calyptenora::host
