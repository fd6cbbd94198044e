#pragma once

#include "host/channel.hpp"
#include "host/plugin_runner.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace calyptenora::host {

/// The channel over whatever runs the plugin: coroutines that await what the runner delivers.
class RunnerChannel final : public PluginChannel {
  public:
    /// `generation` differs for each channel of one host.
    RunnerChannel(std::shared_ptr<PluginRunner> runner, std::uint32_t generation);
    ~RunnerChannel() override;

    boost::asio::awaitable<Status> start(std::string settings) override;
    WireCall next_call() override;
    boost::asio::awaitable<Result<std::string>> call(WireCall call, ChannelCall request) override;
    void answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) override;
    void cancel(WireCall call, Error reason) override;
    void read_output() override;
    boost::asio::awaitable<void> stop() override;

  private:
    const std::shared_ptr<PluginRunner> runner_;
    const WireCall first_call_;
    std::atomic<WireCall> calls_ = 0;
    std::atomic<bool> stopped_ = false;
};

}  // namespace calyptenora::host
