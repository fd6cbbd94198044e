#include "platform/demo/random.hpp"

#include <fmt/format.h>

#include <numeric>

namespace calyptenora::platform::demo {
namespace {

/// The finaliser of SplitMix64.
std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

constexpr std::uint64_t step = 0x9e3779b97f4a7c15;

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t index)
    : state_(mix(mix(mix(seed + step) ^ (stream * step)) ^ ((index + 1) * step))) {}

std::uint64_t Random::next() {
    state_ += step;
    return mix(state_);
}

double Random::real() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::size_t Random::below(std::size_t end) {
    return static_cast<std::size_t>(real() * static_cast<double>(end));
}

int Random::repeats(double probability, int most) {
    int count = 0;
    while (count < most && chance(probability))
        ++count;
    return count;
}

std::size_t Random::weighted(std::span<const double> weights) {
    auto left = real() * std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
        if (left < weights[i])
            return i;
        left -= weights[i];
    }
    return weights.size() - 1;
}

std::string Random::uuid(storage::Timestamp at) {
    const auto millisecond = static_cast<std::uint64_t>(storage::microseconds_of(at) / 1000);
    const auto high = next(), low = next();
    return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", millisecond >> 16, millisecond & 0xffff,
                       high & 0xfff, 0x8000 | ((high >> 12) & 0x3fff), low & 0xffffffffffff);
}

}  // namespace calyptenora::platform::demo
