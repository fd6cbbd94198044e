#pragma once

#include "host/channel.hpp"
#include "host/deadline_clock.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace calyptenora::host {

/// The live calls of one instance and the rules of the channel for them, the same wherever the plugin runs:
/// how many there may be, which completions count, which requests for services are taken. Every call that is
/// admitted is delivered exactly once. Thread-safe; calls the listener and `Deliver` without holding its
/// lock.
class CallTable {
  public:
    using Time = DeadlineClock::Time;
    /// Receives the outcome of a call, exactly once, on any thread. Must not block.
    using Deliver = std::function<void(Result<std::string>)>;

    /// A call that is not live any more but has not been delivered yet.
    struct Taken {
        WireCall call = 0;
        Deliver deliver;
        Time deadline;
        bool begun = false;
    };

    /// Admits nothing until open().
    CallTable(std::weak_ptr<ChannelListener> listener, DeadlineClock& clock, ChannelLimits limits);

    /// Takes a call, or says why not (and then never calls `deliver`).
    std::optional<Error> admit(WireCall call, Time deadline, Deliver deliver);
    /// The creation of the instance, call 0. No service may be requested in it. Before anything else;
    /// `on_deadline` is called, on the clock's thread, whenever there may be calls that are overdue.
    void admit_creation(Time deadline, Deliver deliver, std::function<void()> on_deadline);
    /// The live calls whose deadline has passed. It is for the owner to take() them.
    std::vector<WireCall> overdue();

    /// Admits calls from now on, unless it has been closed.
    void open();
    /// Admits nothing any more, for this reason.
    void close(Error why);

    /// The plugin gets the call now. Its deadline, or nothing if the call is over.
    std::optional<Time> begin(WireCall call);
    /// The plugin has completed a call with this payload. `size` is what the plugin's payload really
    /// measures; it is above the limit if the payload has been left out. What breaks the rules is a
    /// violation.
    bool complete(WireCall call, std::uint32_t status, std::string payload, std::size_t size);
    /// The plugin asks for a service. Passes the request on, or gives the reason why not (a violation).
    std::optional<std::string> request(ServiceRequest request, std::size_t size);
    /// The request is answered. The deadline of its call, or nothing if the call is over or has no such
    /// request.
    std::optional<Time> close_request(WireCall call, std::uint64_t token);

    /// Makes a call live no more; `how` completes "completed call 1, which ..." for later completions.
    std::optional<Taken> take(WireCall call, const char* how);
    std::vector<Taken> take_all();
    /// Delivers what was taken.
    void finish(Taken taken, Result<std::string> outcome);

    /// The clock is not used any more.
    void leave_clock();

    void violation(const std::string& text) const;

  private:
    struct Live {
        Deliver deliver;
        Time deadline;
        bool begun = false;
        std::map<std::uint64_t, std::size_t> open_requests;  ///< Token to size.
    };

    std::optional<std::string> refuse(const ServiceRequest& request, std::size_t size);
    Taken remove(std::unordered_map<WireCall, Live>::iterator found);
    /// Has the owner called at this time at the latest.
    void watch(Time deadline);

    const std::weak_ptr<ChannelListener> listener_;
    const ChannelLimits limits_;
    std::mutex mutex_;
    DeadlineClock* clock_;
    /// Of the earliest deadline, or an earlier one whose call is over: nearly all calls end before theirs,
    /// and cost the clock nothing.
    std::optional<std::pair<Time, DeadlineClock::Ticket>> watched_;
    std::function<void()> on_deadline_;
    std::optional<Error> closed_;
    bool opens_no_more_ = false;
    std::unordered_map<WireCall, Live> live_;
    std::deque<std::pair<WireCall, const char*>> ended_;  ///< The last ones, and how; for clear messages.
    std::size_t waiting_ = 0;
    std::size_t open_bytes_ = 0;  ///< Of all open requests.
};

}  // namespace calyptenora::host
