#pragma once

#include "bad_plugins/hostile/driver/proofs.hpp"

#include <ostream>
#include <string_view>
#include <vector>

namespace calyptenora::hostile {

/// What is done with an attack.
enum class Script : unsigned char {
    one_call,
    two_calls,          ///< One after the other.
    two_calls_at_once,  ///< The second begins while the first is open.
    two_purposes,       ///< Two calls, the second for another purpose.
    withdrawal,         ///< Two calls, the second after the person of the first has withdrawn.
    beside_open_call,   ///< One, while its neighbour has a call open.
};

/// What an attack needs so that it can succeed at all.
enum class Needs : unsigned char { nothing, root };

struct Attack {
    /// Of its source, which says what it tries.
    std::string_view name;
    Proof proof;
    /// What must stand in the log, on a line of this instance.
    std::string_view log;
    Script script = Script::one_call;
    std::chrono::milliseconds deadline{5'000};
    Needs needs = Needs::nothing;
};

inline void PrintTo(const Attack& attack, std::ostream* out) {
    *out << attack.name;
}

/// All of them.
std::vector<Attack> attacks();

}  // namespace calyptenora::hostile
