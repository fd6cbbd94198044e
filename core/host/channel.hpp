#pragma once

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// The wire between the host and one plugin instance. All that crosses it is bytes; nobody on either side may
/// assume that the other one shares its memory.
namespace calyptenora::host {

/// Names a live call on the wire; never 0 and never used twice, also not after a restart of the plugin (the
/// upper bits count the starts). 0 stands for the creation of the instance.
using WireCall = std::uint64_t;

/// One call, as it goes to the plugin.
struct ChannelCall {
    std::string operation;
    std::string document;  ///< JSON.
    std::string secret;    ///< JSON, or empty. The channel wipes its copies when the call ends.
    std::chrono::milliseconds deadline{};
};

/// What the plugin asks of the host while a call is live. The channel has checked that the call is live and
/// that the token is not open; the payload is unchecked.
struct ServiceRequest {
    WireCall call = 0;
    std::uint64_t token = 0;  ///< 0 with "log", which is not answered.
    std::string service;
    std::string payload;
};

/// Why a plugin is lost.
enum class Loss : std::uint8_t {
    hung,         ///< It does not return from a function, and cannot be stopped.
    ended,        ///< Its worker crashed, ended itself, or was killed since it did not return in time.
    broke_rules,  ///< Its worker was killed since it did not keep to the frames: it is hostile or broken.
};

/// What the channel tells its owner. Called on any thread, also several at once; must not block and must not
/// call back into the channel.
class ChannelListener {
  public:
    virtual ~ChannelListener() = default;

    /// The plugin asks for a service. Answer it later by PluginChannel::answer().
    virtual void on_request(ServiceRequest request) = 0;
    /// The call is over (answered, expired, cancelled, or the plugin is gone): what is done on its behalf
    /// must end.
    virtual void on_call_over(WireCall call) = 0;
    /// The plugin broke a rule of the interface. The text is for the operator and holds nothing of the
    /// plugin's data.
    virtual void on_violation(std::string text) = 0;
    /// A line that the plugin's process wrote to its standard output or error: unchecked, of bounded length.
    virtual void on_output(std::string line) = 0;
    /// The plugin does not return from a function, or its process is gone. No further call is taken.
    virtual void on_lost(Loss loss, std::string reason) = 0;
};

struct ChannelLimits {
    std::size_t answer_bytes = 1024 * 1024;       ///< Of one answer.
    std::size_t request_bytes = 8 * 1024 * 1024;  ///< Of one service request.
    std::size_t waiting_calls = 128;              ///< Calls not begun yet; more are `temporary` at once.
    std::size_t live_calls = 512;                 ///< Begun or not.
    std::size_t open_requests = 64;               ///< Of one call.
    std::size_t open_request_bytes = 32 * 1024 * 1024;  ///< Of all open requests of the instance together.
    std::chrono::milliseconds start_deadline{10'000};
    /// How long a function of the plugin may run on after it should have returned, before the plugin counts
    /// as lost.
    std::chrono::milliseconds hang_grace{2'000};
    /// How often it is looked at whether a worker that has nothing to do leaves the processor alone. (A
    /// twentieth of that time is too much.)
    std::chrono::milliseconds idle_check{10'000};
};

/// Carries the calls of one instance. Thread-safe. Destroyed only after `stop()` has been awaited (or never
/// started).
class PluginChannel {
  public:
    virtual ~PluginChannel() = default;

    /// Creates the instance with its settings (JSON, secrets included). Once, before anything else. An error
    /// is the plugin's own reason, or says that it threw or did not return in time.
    virtual boost::asio::awaitable<Status> start(std::string settings) = 0;

    /// A name for a call that is going to be made.
    virtual WireCall next_call() = 0;

    /// Runs one call and yields the answer, a well-formed JSON document within the limits. Errors: the
    /// plugin's own; `temporary` past the deadline, when too much is waiting, or when the plugin is lost;
    /// `permanent` for an answer that breaks the rules. If the awaiting coroutine is cancelled or destroyed,
    /// the call ends.
    virtual boost::asio::awaitable<Result<std::string>> call(WireCall call, ChannelCall request) = 0;

    /// Answers a service request; dropped silently if its call is over.
    virtual void answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) = 0;

    /// Ends a call: whoever awaits it gets `reason`, the plugin frees what it holds for it, and a late
    /// completion is refused. Nothing happens for a call that is not live.
    virtual void cancel(WireCall call, Error reason) = 0;

    /// Reports, before it returns, what the plugin's process has written so far, also a line that has not
    /// ended.
    virtual void read_output() = 0;

    /// Ends all calls and the instance. Returns when the plugin runs no more, or has been given up as hung.
    virtual boost::asio::awaitable<void> stop() = 0;
};

}  // namespace calyptenora::host
