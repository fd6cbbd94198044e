#pragma once

#include "host/channel.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace calyptenora::host {

/// How often a worker that ends is started again.
struct RestartRules {
    std::size_t strikes = 3;  ///< So many ends within the window, and it stays down.
    std::chrono::minutes window{10};
    std::chrono::milliseconds first_wait{
        500};  ///< Before the first new start; ten times as long with each strike.
};

/// The strikes of one instance. Not thread-safe.
class Strikes {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// The worker has ended: how long to wait before it is started again, or nothing if it is to stay down
    /// until the operator acts. A worker that broke the rules of the wire gets no second chance: that is no
    /// accident.
    std::optional<std::chrono::milliseconds> strike(Loss loss, Time now, const RestartRules& rules);

    std::size_t count() const { return strikes_.size(); }

  private:
    std::deque<Time> strikes_;
};

}  // namespace calyptenora::host
