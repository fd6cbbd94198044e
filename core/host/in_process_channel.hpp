#pragma once

#include "host/channel.hpp"
#include "host/deadline_clock.hpp"
#include "host/loaded_library.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace calyptenora::host {

class PluginThread;

/// A plugin that runs inside this process, on a thread of its own. For plugins that the operator trusts, and
/// for debugging: a crash takes the server with it, and a plugin that spins cannot be stopped.
class InProcessChannel final : public PluginChannel {
  public:
    /// `name` is the instance's, for messages. `generation` differs for each channel of one host. `clock`
    /// must outlive the channel.
    InProcessChannel(std::string name, std::uint32_t generation, LoadedLibrary library,
                     std::weak_ptr<ChannelListener> listener, DeadlineClock& clock,
                     ChannelLimits limits = {});
    ~InProcessChannel() override;

    boost::asio::awaitable<Status> start(std::string settings) override;
    WireCall next_call() override;
    boost::asio::awaitable<Result<std::string>> call(WireCall call, ChannelCall request) override;
    void answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) override;
    void cancel(WireCall call, Error reason) override;
    boost::asio::awaitable<void> stop() override;

  private:
    const std::shared_ptr<PluginThread> thread_;
    const WireCall first_call_;
    std::atomic<WireCall> calls_ = 0;
    std::atomic<bool> stopped_ = false;
};

}  // namespace calyptenora::host
