#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// What the privacy notice promises beyond the recipients, times and cookies that it lists.
namespace calyptenora::platform {

/// Who stands for a promise: the platform, which does not let it be otherwise, or the operator, by the way
/// they work; the notice says which.
enum class KeptBy : std::uint8_t { platform, organisation };

struct Promise {
    std::string_view key;  ///< Of its text, `promise.<key>`.
    KeptBy kept_by = KeptBy::platform;
    /// The test that shows it, as `Suite.Name` or by the name of a browser test; empty for the operator's. A
    /// promise of the platform's without a test is none (tests/unit/platform).
    std::string_view shown_by;
};

/// In the order of the notice.
std::span<const Promise> promises();

}  // namespace calyptenora::platform
