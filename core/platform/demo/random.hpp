#pragma once

#include "storage/clock.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace calyptenora::platform::demo {

/// Chance that repeats itself: the same numbers from the same seed, with every compiler and library. Nothing
/// that must be secret comes from here.
class Random {
  public:
    /// `stream` tells apart what is made from one seed, `index` the people or courses of a stream; so each
    /// can be made without those before it.
    Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

    std::uint64_t next();
    /// From 0 to before 1.
    double real();
    /// From 0 to before `end`.
    std::size_t below(std::size_t end);
    bool chance(double probability) { return real() < probability; }
    /// How often something happens again that does so with this probability; at most `most`.
    int repeats(double probability, int most);
    /// The position in `weights`, more often where more weight is.
    std::size_t weighted(std::span<const double> weights);

    template <class Words>
    const auto& pick(const Words& words) {
        return words[below(words.size())];
    }

    /// A UUIDv7 of that moment.
    std::string uuid(storage::Timestamp at);

  private:
    std::uint64_t state_;
};

}  // namespace calyptenora::platform::demo
