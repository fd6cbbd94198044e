#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::settings {

/// A password, key or token from the operator's environment or files. It has no stream operator, no
/// formatter, no conversion to JSON and no comparison that prints; its memory is wiped when it goes.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string_view value);
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {}
    Secret& operator=(Secret other) noexcept;
    ~Secret();

    bool empty() const { return bytes_.empty(); }
    /// The value, for the one call that needs it. Valid as long as this object; the caller wipes what it
    /// copies.
    std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }
    /// Whether both hold the same value, in constant time for equal lengths. Not `==`, so that no test
    /// framework prints it.
    bool same_as(const Secret& other) const;

  private:
    // Not a std::string: its small buffer would stay behind, unwiped, in what it was moved from.
    std::vector<char> bytes_;
};

/// Overwrites a text that held a secret and empties it.
void wipe(std::string& text);

}  // namespace calyptenora::settings
