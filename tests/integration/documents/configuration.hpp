#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

/// Platforms, plugins and learners at random, as YAML and as what a learner does. A test prints the seed with
/// its failure; the same seed makes the same again.
namespace calyptenora::documents::test {

enum class Answer : std::uint8_t { none, allow, refuse, withdraw, allow_again };

/// Plugins whose videos are framed in the lesson, each with an origin of its own.
struct FramedVideo {
    std::string instance;
    std::string origin;
};

struct Configuration {
    std::string settings;                ///< calyptenora.yaml
    std::vector<std::string> manifests;  ///< plugin.yaml of each plugin
    std::string language;                ///< `de` or `en`
    std::vector<FramedVideo> videos;     ///< Also of instances that are off.
    std::vector<Answer> answers;         ///< To the flows that ask, in their order; as many as may be needed.
    bool privacy_control = false;
    bool is_minor = false;
    bool is_restricted = false;
};

Configuration make_configuration(std::uint64_t seed);

}  // namespace calyptenora::documents::test
