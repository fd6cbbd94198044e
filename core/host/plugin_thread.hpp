#pragma once

#include "host/call_table.hpp"
#include "host/loaded_library.hpp"
#include "host/plugin_runner.hpp"

#include <calyptenora/plugin.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>

namespace calyptenora::host {

/// A plugin that runs inside this process, on a thread of its own, with its queue. For plugins that the
/// operator trusts, and for debugging: a crash takes the server with it. Shared by the channel and the thread
/// itself, since a thread that hangs in the plugin outlives the channel.
///
/// Every entry into the plugin is guarded: what it throws ends the call it was made for. A plugin that does
/// not return cannot be interrupted here; it is given up (`on_lost`), and nothing is asked of it again.
class PluginThread final : public PluginRunner, public std::enable_shared_from_this<PluginThread> {
  public:
    /// `clock` outlives what is called before leave() returns.
    PluginThread(LoadedLibrary library, std::weak_ptr<ChannelListener> listener, DeadlineClock& clock,
                 ChannelLimits limits);

    void create(std::string settings, CallTable::Deliver created) override;
    std::optional<Error> begin(WireCall call, ChannelCall request, CallTable::Deliver deliver) override;
    void answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) override;
    void end(WireCall call, Error reason) override;
    /// What it writes goes to the server's own output.
    void read_output() override {}
    void stop(std::function<void()> stopped) override;
    /// Joins the thread, or leaves it to itself if it hangs.
    void leave() override;

  private:
    using Time = DeadlineClock::Time;

    struct Invocation {
        WireCall call;
        ChannelCall request;
        ~Invocation();
    };
    struct Create {
        std::string settings;
    };
    struct Invoke {
        std::unique_ptr<Invocation> invocation;
    };
    struct Reply {
        WireCall call;  ///< 0: to be passed on in any case (a refusal of a request that had no live call).
        std::uint64_t token;
        std::uint32_t status;
        std::string payload;
    };
    struct Cancel {
        WireCall call;
    };
    struct Destroy {};
    using Step = std::variant<Create, Invoke, Reply, Cancel, Destroy>;

    void run();
    void perform(Create& step);
    void perform(Invoke& step);
    void perform(Reply& step);
    void perform(Cancel& step);
    void perform(Destroy& step);
    /// Runs a function of the plugin; false if it threw. `limit`: when it should have returned.
    template <class F>
    std::optional<Error> enter(const char* function, Time limit, F&& f);

    void on_complete(WireCall call, std::uint32_t status, calyptenora_bytes payload);
    void on_request(WireCall call, std::uint64_t token, calyptenora_bytes service, calyptenora_bytes payload);
    void on_deadline();
    void expire(WireCall call);
    void watch_for_hang(Time time);
    void check_for_hang();
    void give_up(const std::string& reason);
    void push(Step step);
    void push_cancel(const CallTable::Taken& taken);

    const LoadedLibrary library_;
    const std::weak_ptr<ChannelListener> listener_;
    DeadlineClock* clock_;  ///< Null once stopped: the clock may be gone before a hanging thread is.
    const ChannelLimits limits_;
    calyptenora_host host_{};
    CallTable calls_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Step> steps_;
    bool lost_ = false, ended_thread_ = false;
    std::optional<Time> inside_limit_;  ///< Set while the thread is inside the plugin.
    std::function<void()> stopped_;

    // Of the plugin's thread alone.
    void* self_ = nullptr;
    bool creating_ = false;
    std::optional<Error> create_error_;

    std::unique_ptr<std::thread> thread_;
    std::thread::id thread_id_;
};

}  // namespace calyptenora::host
