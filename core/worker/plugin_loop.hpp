#pragma once

#include "worker/wire.hpp"

#include <calyptenora/plugin.h>

#include <functional>

namespace calyptenora::worker {

/// Runs one plugin instance: turns frames into calls of its functions, and its calls of the host into frames.
/// One thread; as many calls live at once as the host begins. It checks nothing of what the plugin does: the
/// plugin shares this process's memory, so every rule is enforced by the host, on the other side of the wire.
class PluginLoop {
  public:
    /// `limits` is the frame with which the host opened the conversation.
    PluginLoop(Wire& wire, const calyptenora_plugin_table& table, const Load& limits);
    PluginLoop(const PluginLoop&) = delete;
    PluginLoop& operator=(const PluginLoop&) = delete;

    /// Returns when the host has ended the instance.
    void run();

  private:
    void perform(Load& frame);
    void perform(Create& frame);
    void perform(Invoke& frame);
    void perform(Reply& frame);
    void perform(Cancel& frame);
    void perform(Destroy& frame);
    /// Calls a function of the plugin and tells the host that it has returned, or what it threw.
    void enter(const std::function<void()>& body);

    Wire& wire_;
    const calyptenora_plugin_table& table_;
    const std::uint64_t answer_bytes_, request_bytes_;
    calyptenora_host host_;
    void* self_ = nullptr;
    std::uint64_t entries_ = 0;
    bool has_spoken_ = false;
};

}  // namespace calyptenora::worker
