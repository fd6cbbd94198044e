#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace calyptenora::hostile {

/// How much longer than its deadline a caller may have to wait before that counts as harm.
inline constexpr std::chrono::milliseconds patience{2'000};

enum class Plugin : unsigned char {
    attack,
    attack_for_another_purpose,
    neighbour,
};

/// For how many purposes an attack is asked to work.
enum class Purposes : unsigned char { one, two };

/// Where an attack is let loose: with the host and the sandbox, or without.
class Place {
  public:
    virtual ~Place() = default;

    /// Starts the attack with its settings, beside its neighbour. False if it did not come up.
    virtual bool start(const std::string& name, const std::string& settings, Purposes purposes) = 0;
    /// Begins a call; its number is to be used below.
    virtual std::size_t begin(Plugin plugin, std::string document, std::chrono::milliseconds deadline) = 0;
    /// The person whom all calls were about withdraws; the next ones are about another.
    virtual void withdraw() = 0;
    /// Waits until a call is answered or given up, at most `patience` longer than its deadline. False if
    /// somebody still waits for it then.
    virtual bool wait(std::size_t call) = 0;
    /// The answer of a call, also of one that nobody waits for any more.
    virtual std::optional<std::string> answer(std::size_t call) = 0;
    /// Ends the attack, and its neighbour if that shares its process.
    virtual void stop() = 0;
    /// The processes that hold the attack.
    virtual std::set<pid_t> processes() const = 0;
    /// What the operator reads: the log, and what plugins write to their standard output and error.
    virtual std::string log() = 0;
    /// What was sent out by a service on behalf of the attack.
    virtual std::string sent() = 0;
};

}  // namespace calyptenora::hostile
