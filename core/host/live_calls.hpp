#pragma once

#include "gate/ports.hpp"
#include "host/channel.hpp"
#include "host/redaction.hpp"

#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

namespace calyptenora::host {

/// One live call, as the services see it: for whom and for what, by the gate's word. Immutable.
struct LiveCall {
    WireCall call = 0;
    gate::CallScope scope;
    Redactor redactor;  ///< Knows the instance's secrets and those typed for this call.
};

/// The live calls of one plugin, and whom all of its calls were about. Thread-safe.
class LiveCalls {
  public:
    void add(std::shared_ptr<const LiveCall> call);
    void remove(WireCall call);
    /// Null if the call is over.
    std::shared_ptr<const LiveCall> find(WireCall call) const;
    /// The live calls with data of this subject.
    std::vector<WireCall> about(const storage::SubjectId& subject) const;
    /// Whether any call, live or over, was about this subject; past `most_remembered` subjects also when it
    /// is not known.
    bool have_been_about(const storage::SubjectId& subject) const;

    static constexpr std::size_t most_remembered = 100'000;

  private:
    mutable std::mutex mutex_;
    std::unordered_map<WireCall, std::shared_ptr<const LiveCall>> calls_;
    std::set<storage::SubjectId> subjects_;  ///< Of all calls ever.
};

}  // namespace calyptenora::host
