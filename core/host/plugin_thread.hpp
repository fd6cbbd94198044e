#pragma once

#include "host/channel.hpp"
#include "host/deadline_clock.hpp"
#include "host/loaded_library.hpp"

#include <calyptenora/plugin.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>

namespace calyptenora::host {

/// The thread on which one instance runs inside this process, its queue and its live calls. Shared by the
/// channel and the thread itself, since a thread that hangs in the plugin outlives the channel.
///
/// Every entry into the plugin is guarded: what it throws ends the call it was made for. A plugin that does
/// not return cannot be interrupted here; it is given up (`on_lost`), and nothing is asked of it again.
class PluginThread : public std::enable_shared_from_this<PluginThread> {
  public:
    /// Receives the outcome of a call, exactly once, on any thread. Must not block.
    using Deliver = std::function<void(Result<std::string>)>;

    PluginThread(std::string name, LoadedLibrary library, std::weak_ptr<ChannelListener> listener,
                 DeadlineClock& clock, ChannelLimits limits);

    /// Starts the thread and creates the instance; `created` receives an empty text or the reason why not.
    void create(std::string settings, Deliver created);
    /// Takes a call, or says at once why not (and then never calls `deliver`).
    std::optional<Error> begin(WireCall call, ChannelCall request, Deliver deliver);
    void answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload);
    void end(WireCall call, Error reason);

    /// Ends all calls, destroys the instance, and calls `stopped` when the thread is done or has been given
    /// up.
    void stop(std::function<void()> stopped);
    /// After `stopped`: joins the thread, or leaves it to itself if it hangs.
    void leave();

  private:
    using Time = DeadlineClock::Time;

    struct Live {
        Deliver deliver;
        Time deadline;
        DeadlineClock::Ticket ticket = 0;
        bool begun = false;
        std::set<std::uint64_t> open_tokens;
    };
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
    std::optional<std::string> refuse_request(WireCall call, std::uint64_t token, std::string_view service,
                                              calyptenora_bytes payload);
    void expire(WireCall call);
    void watch_for_hang(Time time);
    void check_for_hang();
    void give_up(const std::string& reason);
    void violation(const std::string& text) const;

    /// Takes a call out of the live ones, if `call` is one. Wants the lock.
    std::optional<Live> take(WireCall call, const char* how);
    /// Tells everyone that a call is over. Without the lock.
    void finish(WireCall call, Live live, Result<std::string> outcome);
    void push(Step step);

    const std::string name_;
    const LoadedLibrary library_;
    const std::weak_ptr<ChannelListener> listener_;
    DeadlineClock* clock_;  ///< Null once stopped: the clock may be gone before a hanging thread is.
    const ChannelLimits limits_;
    calyptenora_host host_{};

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Step> steps_;
    std::unordered_map<WireCall, Live> live_;
    std::deque<std::pair<WireCall, const char*>> ended_;  ///< The last ones, and how; for clear messages.
    std::size_t waiting_ = 0;
    bool created_ = false, lost_ = false, stopping_ = false, ended_thread_ = false;
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
