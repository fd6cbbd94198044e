#include "host/call_table.hpp"

#include "host/answer_check.hpp"

#include <calyptenora/plugin.h>

#include <fmt/format.h>

namespace calyptenora::host {
namespace {

constexpr std::size_t remembered_ends = 256;

/// A call's number as people see it: without the count of starts in the upper bits.
std::uint64_t number_of(WireCall call) {
    return call & ((std::uint64_t(1) << 40) - 1);
}

}  // namespace

CallTable::CallTable(std::weak_ptr<ChannelListener> listener, DeadlineClock& clock, ChannelLimits limits)
    : listener_(std::move(listener)),
      limits_(limits),
      clock_(&clock),
      closed_(Error(ErrorKind::temporary, "is not running")) {}

std::optional<Error> CallTable::admit(WireCall call, Time deadline, Deliver deliver) {
    const std::lock_guard lock(mutex_);
    if (closed_)
        return closed_;
    if (waiting_ >= limits_.waiting_calls || live_.size() >= limits_.live_calls)
        return Error(
            ErrorKind::temporary,
            fmt::format("is overloaded: {} calls are under way, {} wait", live_.size() - waiting_, waiting_),
            std::chrono::seconds(1));
    watch(deadline);
    live_.emplace(call, Live{std::move(deliver), deadline, false, {}});
    ++waiting_;
    return std::nullopt;
}

void CallTable::admit_creation(Time deadline, Deliver deliver, std::function<void()> on_deadline) {
    const std::lock_guard lock(mutex_);
    on_deadline_ = std::move(on_deadline);
    watch(deadline);
    live_.emplace(0, Live{std::move(deliver), deadline, true, {}});
}

void CallTable::watch(Time deadline) {
    if (!clock_ || (watched_ && watched_->first <= deadline))
        return;
    if (watched_)
        clock_->forget(watched_->second);
    watched_ = {deadline, clock_->at(deadline, on_deadline_)};
}

std::vector<WireCall> CallTable::overdue() {
    const std::lock_guard lock(mutex_);
    watched_.reset();
    const auto now = std::chrono::steady_clock::now();
    std::vector<WireCall> found;
    for (const auto& [call, live] : live_)
        if (live.deadline <= now)
            found.push_back(call);
        else
            watch(live.deadline);
    return found;
}

void CallTable::open() {
    const std::lock_guard lock(mutex_);
    if (!opens_no_more_)
        closed_.reset();
}

void CallTable::close(Error why) {
    const std::lock_guard lock(mutex_);
    closed_ = std::move(why);
    opens_no_more_ = true;
}

std::optional<CallTable::Time> CallTable::begin(WireCall call) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(call);
    if (found == live_.end())
        return std::nullopt;
    if (!std::exchange(found->second.begun, true))
        --waiting_;
    return found->second.deadline;
}

bool CallTable::complete(WireCall call, std::uint32_t status, std::string payload, std::size_t size) {
    std::optional<Taken> taken;
    const char* ended = "never existed";
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = live_.find(call); found != live_.end() && found->second.begun) {
            taken = remove(found);
            ended_.back().second = "had been completed already";
        } else {
            for (const auto& [past, how] : ended_)
                if (past == call)
                    ended = how;
        }
    }
    if (!taken) {
        violation(fmt::format("completed call {}, which {}; refused", number_of(call), ended));
        return false;
    }
    auto answer = size > limits_.answer_bytes
                      ? answer_too_large(size, limits_.answer_bytes)
                      : check_answer(status, std::move(payload), limits_.answer_bytes);
    const bool good = answer || status != CALYPTENORA_OK;
    if (!good)
        violation(fmt::format("{}; the call has failed", answer.error().message));
    finish(std::move(*taken), std::move(answer));
    return good;
}

std::optional<std::string> CallTable::refuse(const ServiceRequest& request, std::size_t size) {
    const bool answered = request.service != "log";
    if (size > limits_.request_bytes)
        return fmt::format("a request has {} bytes; at most {} are taken", size, limits_.request_bytes);
    const auto found = live_.find(request.call);
    if (request.call == 0 || found == live_.end() || !found->second.begun)
        return "a service was requested outside of a live call";
    if (answered && request.token == 0)
        return "a service was requested with token 0";
    if (!answered)
        return std::nullopt;
    auto& open = found->second.open_requests;
    if (open.size() >= limits_.open_requests)
        return fmt::format("more than {} requests of one call are open", limits_.open_requests);
    if (open_bytes_ + size > limits_.open_request_bytes)
        return fmt::format("open requests would hold more than {} bytes together",
                           limits_.open_request_bytes);
    if (!open.emplace(request.token, size).second)
        return fmt::format("a service was requested with token {}, which is still open", request.token);
    open_bytes_ += size;
    return std::nullopt;
}

std::optional<std::string> CallTable::request(ServiceRequest request, std::size_t size) {
    std::optional<std::string> refused;
    {
        const std::lock_guard lock(mutex_);
        refused = refuse(request, size);
    }
    if (refused) {
        violation(*refused + "; denied");
        return refused;
    }
    if (const auto listener = listener_.lock())
        listener->on_request(std::move(request));
    return std::nullopt;
}

std::optional<CallTable::Time> CallTable::close_request(WireCall call, std::uint64_t token) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(call);
    if (found == live_.end())
        return std::nullopt;
    auto& open = found->second.open_requests;
    const auto request = open.find(token);
    if (request == open.end())
        return std::nullopt;
    open_bytes_ -= request->second;
    open.erase(request);
    return found->second.deadline;
}

std::optional<CallTable::Taken> CallTable::take(WireCall call, const char* how) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(call);
    if (found == live_.end())
        return std::nullopt;
    auto taken = remove(found);
    ended_.back().second = how;
    return taken;
}

std::vector<CallTable::Taken> CallTable::take_all() {
    const std::lock_guard lock(mutex_);
    std::vector<Taken> all;
    while (!live_.empty())
        all.push_back(remove(live_.begin()));
    return all;
}

CallTable::Taken CallTable::remove(std::unordered_map<WireCall, Live>::iterator found) {
    Taken taken{found->first, std::move(found->second.deliver), found->second.deadline, found->second.begun};
    if (!taken.begun)
        --waiting_;
    for (const auto& [token, size] : found->second.open_requests)
        open_bytes_ -= size;
    live_.erase(found);
    ended_.emplace_back(taken.call, "was ended");
    if (ended_.size() > remembered_ends)
        ended_.pop_front();
    return taken;
}

void CallTable::finish(Taken taken, Result<std::string> outcome) {
    if (taken.call != 0)
        if (const auto listener = listener_.lock())
            listener->on_call_over(taken.call);
    taken.deliver(std::move(outcome));
}

void CallTable::leave_clock() {
    const std::lock_guard lock(mutex_);
    if (clock_ && watched_)
        clock_->forget(watched_->second);
    clock_ = nullptr;
}

void CallTable::violation(const std::string& text) const {
    if (const auto listener = listener_.lock())
        listener->on_violation(text);
}

}  // namespace calyptenora::host
