#pragma once

#include "host/call_table.hpp"
#include "host/channel.hpp"

#include <functional>
#include <optional>
#include <string>

namespace calyptenora::host {

/// Where one plugin instance runs: a thread of this process, or a worker. What PluginChannel promises, with
/// call-backs instead of coroutines. Thread-safe.
class PluginRunner {
  public:
    virtual ~PluginRunner() = default;

    /// Creates the instance; `created` receives an empty text or the reason why not. Once, before anything
    /// else.
    virtual void create(std::string settings, CallTable::Deliver created) = 0;
    /// Takes a call, or says at once why not (and then never calls `deliver`).
    virtual std::optional<Error> begin(WireCall call, ChannelCall request, CallTable::Deliver deliver) = 0;
    virtual void answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) = 0;
    /// Ends a call (0: the creation) for this reason, if it is live.
    virtual void end(WireCall call, Error reason) = 0;

    virtual void read_output() = 0;

    /// Ends all calls and the instance, and calls `stopped`, once, when it runs no more or has been given up.
    /// Once.
    virtual void stop(std::function<void()> stopped) = 0;
    /// After `stopped`: frees what is left. Nothing is called afterwards.
    virtual void leave() = 0;
};

}  // namespace calyptenora::host
