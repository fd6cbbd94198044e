#pragma once

#include "gate/ports.hpp"
#include "host/channel.hpp"
#include "host/redaction.hpp"

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace calyptenora::host {

/// One live call, as the services see it: for whom and for what, by the gate's word. Immutable.
struct LiveCall {
    WireCall call = 0;
    gate::CallScope scope;
    Redactor redactor;  ///< Knows the instance's secrets and those typed for this call.
};

/// The live calls of one instance, with what they are about. Thread-safe.
class LiveCalls {
  public:
    void add(std::shared_ptr<const LiveCall> call);
    void remove(WireCall call);
    /// Null if the call is over.
    std::shared_ptr<const LiveCall> find(WireCall call) const;
    /// The calls for this purpose with data of this subject.
    std::vector<WireCall> about(const storage::SubjectId& subject, Purpose purpose) const;

  private:
    mutable std::mutex mutex_;
    std::unordered_map<WireCall, std::shared_ptr<const LiveCall>> calls_;
};

}  // namespace calyptenora::host
