#pragma once

#include "gate/ports.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <tuple>

namespace calyptenora::host {

/// The permissions that have ended, in their order. A call is decided by the gate first and handed over after
/// that; what ends in between must not reach the plugin, since nothing would make it forget it. Thread-safe.
class Cancellations {
  public:
    /// How many have begun, ever.
    std::uint64_t begun() const;
    /// Before the live calls are ended: a call is then found among these, or concerned by this.
    void begin(const storage::SubjectId& subject, const settings::InstanceId& instance, Purpose purpose);
    /// Whether any of the call's data were cancelled after it was decided about them. What was forgotten
    /// (past `most_remembered`) counts as cancelled.
    bool concern(const gate::CallScope& scope) const;

    static constexpr std::size_t most_remembered = 100'000;

  private:
    using Flow = std::tuple<storage::SubjectId, settings::InstanceId, Purpose>;

    mutable std::mutex mutex_;
    std::uint64_t begun_ = 0, forgotten_ = 0;
    std::map<Flow, std::uint64_t> newest_;
};

}  // namespace calyptenora::host
