#include "host/plugin_thread.hpp"

#include "host/answer_check.hpp"
#include "settings/secret.hpp"

#include <calyptenora/host.hpp>

#include <fmt/format.h>

#include <exception>

namespace calyptenora::host {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t remembered_ends = 256;
constexpr std::size_t most_steps = 4096;

calyptenora_bytes borrow(const std::string& text) {
    return {text.data(), text.size()};
}

std::string_view view(calyptenora_bytes bytes) {
    return bytes.data ? std::string_view(bytes.data, bytes.size) : std::string_view();
}

/// A call's number as people see it: without the count of starts in the upper bits.
std::uint64_t number_of(WireCall call) {
    return call & ((std::uint64_t(1) << 40) - 1);
}

}  // namespace

PluginThread::Invocation::~Invocation() {
    settings::wipe(request.secret);
}

PluginThread::PluginThread(std::string name, LoadedLibrary library, std::weak_ptr<ChannelListener> listener,
                           DeadlineClock& clock, ChannelLimits limits)
    : name_(std::move(name)),
      library_(library),
      listener_(std::move(listener)),
      clock_(&clock),
      limits_(limits) {
    host_ = {sizeof(calyptenora_host),
             CALYPTENORA_ABI_MAJOR,
             CALYPTENORA_ABI_MINOR,
             this,
             [](void* context, std::uint64_t call, std::uint64_t token, calyptenora_bytes service,
                calyptenora_bytes payload) {
                 try {
                     static_cast<PluginThread*>(context)->on_request(call, token, service, payload);
                 } catch (...) {
                     // Out of memory, at worst. Nothing may be thrown into the plugin.
                 }
             },
             [](void* context, std::uint64_t call, std::uint32_t status, calyptenora_bytes payload) {
                 try {
                     static_cast<PluginThread*>(context)->on_complete(call, status, payload);
                 } catch (...) {
                 }
             }};
}

void PluginThread::create(std::string settings, Deliver created) {
    {
        const std::lock_guard lock(mutex_);
        Live live{std::move(created), steady_clock::now() + limits_.start_deadline, 0, true, {}};
        live.ticket = clock_->at(live.deadline, [this, self = weak_from_this()] {
            if (const auto alive = self.lock())
                expire(0);
        });
        live_.emplace(0, std::move(live));
        steps_.push_back(Create{std::move(settings)});
    }
    thread_ = std::make_unique<std::thread>([self = shared_from_this()] { self->run(); });
}

std::optional<Error> PluginThread::begin(WireCall call, ChannelCall request, Deliver deliver) {
    auto invocation = std::make_unique<Invocation>(call, std::move(request));
    const auto busy = [](std::string what) {
        return Error(ErrorKind::temporary, std::move(what), std::chrono::seconds(1));
    };
    const std::lock_guard lock(mutex_);
    if (lost_)
        return Error(ErrorKind::temporary, "does not return from an earlier call and gets no further ones");
    if (stopping_ || !created_)
        return Error(ErrorKind::temporary, "is not running");
    if (waiting_ >= limits_.waiting_calls || live_.size() >= limits_.live_calls)
        return busy(
            fmt::format("is overloaded: {} calls are under way, {} wait", live_.size() - waiting_, waiting_));
    const auto deadline = steady_clock::now() + invocation->request.deadline;
    const auto ticket = clock_->at(deadline, [this, call, self = weak_from_this()] {
        if (const auto alive = self.lock())
            expire(call);
    });
    live_.emplace(call, Live{std::move(deliver), deadline, ticket, false, {}});
    ++waiting_;
    steps_.push_back(Invoke{std::move(invocation)});
    wake_.notify_one();
    return std::nullopt;
}

void PluginThread::answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) {
    push(Reply{call, token, status, std::move(payload)});
}

void PluginThread::end(WireCall call, Error reason) {
    std::optional<Live> live;
    {
        const std::lock_guard lock(mutex_);
        live = take(call, "was cancelled");
        if (live && live->begun && call != 0)
            steps_.push_back(Cancel{call});
        wake_.notify_one();
    }
    if (live)
        finish(call, std::move(*live), std::move(reason));
}

void PluginThread::expire(WireCall call) {
    std::optional<Live> live;
    Time hang_time;
    {
        const std::lock_guard lock(mutex_);
        live = take(call, "was past its deadline");
        if (!live || !clock_)
            return;
        if (live->begun && call != 0)
            steps_.push_back(Cancel{call});
        hang_time = steady_clock::now() + limits_.hang_grace;
        wake_.notify_one();
    }
    finish(call, std::move(*live),
           Error(ErrorKind::temporary, call == 0 ? "did not return from its creation in time"
                                                 : "did not answer before its deadline"));
    watch_for_hang(hang_time);
}

void PluginThread::watch_for_hang(Time time) {
    const std::lock_guard lock(mutex_);
    if (clock_)
        clock_->at(time, [this, self = weak_from_this()] {
            if (const auto alive = self.lock())
                check_for_hang();
        });
}

void PluginThread::check_for_hang() {
    Time again;
    {
        const std::lock_guard lock(mutex_);
        if (lost_ || !inside_limit_)
            return;
        again = *inside_limit_ + limits_.hang_grace;
    }
    if (again <= steady_clock::now())
        give_up(
            "does not return from a function; its thread cannot be stopped, only a restart of the server "
            "ends it");
    else
        watch_for_hang(again);
}

void PluginThread::give_up(const std::string& reason) {
    std::unordered_map<WireCall, Live> calls;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(lost_, true))
            return;
        calls.swap(live_);
        waiting_ = 0;
        for (auto& [call, live] : calls)
            if (clock_)
                clock_->forget(live.ticket);
        steps_.clear();
    }
    for (auto& [call, live] : calls)
        finish(call, std::move(live), Error(ErrorKind::temporary, reason));
    if (const auto listener = listener_.lock())
        listener->on_lost(reason);
}

void PluginThread::stop(std::function<void()> stopped) {
    std::unordered_map<WireCall, Live> calls;
    bool at_once = false;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        calls.swap(live_);
        waiting_ = 0;
        for (auto& [call, live] : calls) {
            clock_->forget(live.ticket);
            if (live.begun && call != 0 && !lost_)
                steps_.push_back(Cancel{call});
        }
        steps_.push_back(Destroy{});
        at_once = lost_ || ended_thread_ || !thread_;
        if (!at_once) {
            stopped_ = stopped;
            clock_->at(steady_clock::now() + limits_.hang_grace, [this, self = weak_from_this()] {
                const auto alive = self.lock();
                if (!alive)
                    return;
                std::function<void()> late;
                {
                    const std::lock_guard inner(mutex_);
                    late = std::exchange(stopped_, nullptr);
                }
                if (late)
                    late();
            });
        }
        wake_.notify_one();
    }
    for (auto& [call, live] : calls)
        finish(call, std::move(live), Error(ErrorKind::temporary, "is being stopped"));
    if (at_once)
        stopped();
}

void PluginThread::leave() {
    bool ended = false;
    {
        const std::lock_guard lock(mutex_);
        clock_ = nullptr;
        stopped_ = nullptr;
        ended = ended_thread_;
    }
    if (!thread_)
        return;
    if (ended)
        thread_->join();
    else
        // It hangs inside the plugin and holds a reference to this object; the end of the process ends it.
        static_cast<void>(thread_.release());
    thread_.reset();
}

void PluginThread::push(Step step) {
    const std::lock_guard lock(mutex_);
    if (lost_)
        return;
    steps_.push_back(std::move(step));
    wake_.notify_one();
}

std::optional<PluginThread::Live> PluginThread::take(WireCall call, const char* how) {
    const auto found = live_.find(call);
    if (found == live_.end())
        return std::nullopt;
    auto live = std::move(found->second);
    live_.erase(found);
    if (!live.begun)
        --waiting_;
    if (clock_)
        clock_->forget(live.ticket);
    ended_.emplace_back(call, how);
    if (ended_.size() > remembered_ends)
        ended_.pop_front();
    return live;
}

void PluginThread::finish(WireCall call, Live live, Result<std::string> outcome) {
    if (call != 0)
        if (const auto listener = listener_.lock())
            listener->on_call_over(call);
    live.deliver(std::move(outcome));
}

void PluginThread::violation(const std::string& text) const {
    if (const auto listener = listener_.lock())
        listener->on_violation(text);
}

void PluginThread::on_complete(WireCall call, std::uint32_t status, calyptenora_bytes payload) {
    if (payload.size && !payload.data)
        payload.size = 0;
    if (std::this_thread::get_id() != thread_id_)
        return violation("completed a call from a thread that is not its own; refused");
    if (call == 0) {
        if (!creating_)
            return violation("completed call 0 outside of its creation; refused");
        auto answer = check_answer(status, view(payload), limits_.answer_bytes);
        create_error_ =
            answer ? Error(ErrorKind::permanent, "completed its creation without an error") : answer.error();
        return;
    }
    std::optional<Live> live;
    const char* ended = "never existed";
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = live_.find(call); found != live_.end() && found->second.begun)
            live = take(call, "had been completed already");
        else
            for (const auto& [past, how] : ended_)
                if (past == call)
                    ended = how;
    }
    if (!live)
        return violation(fmt::format("completed call {}, which {}; refused", number_of(call), ended));
    auto answer = check_answer(status, view(payload), limits_.answer_bytes);
    if (!answer && status == CALYPTENORA_OK)
        violation(fmt::format("{}; the call has failed", answer.error().message));
    finish(call, std::move(*live), std::move(answer));
}

std::optional<std::string> PluginThread::refuse_request(WireCall call, std::uint64_t token,
                                                        std::string_view service, calyptenora_bytes payload) {
    const bool answered = service != "log";
    if (payload.size > limits_.request_bytes)
        return fmt::format("a request has {} bytes; at most {} are taken", payload.size,
                           limits_.request_bytes);
    const auto found = live_.find(call);
    if (call == 0 || found == live_.end() || !found->second.begun)
        return "a service was requested outside of a live call";
    if (answered && token == 0)
        return "a service was requested with token 0";
    auto& open = found->second.open_tokens;
    if (answered && open.size() >= limits_.open_requests)
        return fmt::format("more than {} requests of one call are open", limits_.open_requests);
    if (answered && !open.insert(token).second)
        return fmt::format("a service was requested with token {}, which is still open", token);
    return std::nullopt;
}

void PluginThread::on_request(WireCall call, std::uint64_t token, calyptenora_bytes service,
                              calyptenora_bytes payload) {
    if (std::this_thread::get_id() != thread_id_)
        return violation("requested a service from a thread that is not its own; refused");
    if (payload.size && !payload.data)
        payload.size = 0;
    const auto name = view(service).substr(0, 32);
    std::optional<std::string> refused;
    {
        const std::lock_guard lock(mutex_);
        refused = refuse_request(call, token, name, payload);
        if (refused && name != "log" && steps_.size() < most_steps)
            steps_.push_back(
                Reply{0, token, CALYPTENORA_DENIED, error_document(Error(ErrorKind::denied, *refused))});
    }
    if (refused)
        return violation(*refused + "; denied");
    if (const auto listener = listener_.lock())
        listener->on_request({call, token, std::string(name), std::string(view(payload))});
}

void PluginThread::run() {
    thread_id_ = std::this_thread::get_id();
    for (bool last = false; !last;) {
        std::optional<Step> step;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return !steps_.empty(); });
            step.emplace(std::move(steps_.front()));
            steps_.pop_front();
        }
        last = std::holds_alternative<Destroy>(*step);
        std::visit([this](auto& chosen) { perform(chosen); }, *step);
    }
    std::function<void()> stopped;
    {
        const std::lock_guard lock(mutex_);
        ended_thread_ = true;
        stopped = std::exchange(stopped_, nullptr);
    }
    if (stopped)
        stopped();
}

template <class F>
std::optional<Error> PluginThread::enter(const char* function, Time limit, F&& f) {
    {
        const std::lock_guard lock(mutex_);
        inside_limit_ = std::max(limit, steady_clock::now());
    }
    std::optional<std::string> thrown;
    try {
        f();
    } catch (const std::exception& failure) {
        thrown = failure.what();
    } catch (...) {
        thrown = "something that is no std::exception";
    }
    {
        const std::lock_guard lock(mutex_);
        inside_limit_.reset();
    }
    if (!thrown)
        return std::nullopt;
    violation(fmt::format("threw across the interface from {}", function));
    return Error(ErrorKind::permanent,
                 fmt::format("threw across the interface from {}: {}", function, *thrown));
}

void PluginThread::perform(Create& step) {
    creating_ = true;
    const auto thrown = enter("create", steady_clock::now() + limits_.start_deadline,
                              [&] { self_ = library_.table().create(&host_, borrow(step.settings)); });
    creating_ = false;
    settings::wipe(step.settings);
    std::optional<Error> failed = thrown ? thrown : std::exchange(create_error_, std::nullopt);
    if (!failed && !self_)
        failed.emplace(ErrorKind::permanent, "could not be created and does not say why");
    std::optional<Live> live;
    {
        const std::lock_guard lock(mutex_);
        live = take(0, "was the creation");
        created_ = live && !failed;
    }
    if (live)
        finish(0, std::move(*live),
               failed ? Result<std::string>(*failed) : Result<std::string>(std::string()));
}

void PluginThread::perform(Invoke& step) {
    auto& [call, request] = *step.invocation;
    Time limit;
    {
        const std::lock_guard lock(mutex_);
        const auto found = live_.find(call);
        if (found == live_.end())
            return;
        found->second.begun = true;
        --waiting_;
        limit = found->second.deadline;
    }
    const auto thrown = enter("invoke", limit, [&] {
        library_.table().invoke(self_, call, borrow(request.operation), borrow(request.document),
                                borrow(request.secret));
    });
    if (thrown)
        end(call, *thrown);
}

void PluginThread::perform(Reply& step) {
    Time limit = steady_clock::now();
    if (step.call != 0) {
        const std::lock_guard lock(mutex_);
        const auto found = live_.find(step.call);
        if (found == live_.end() || found->second.open_tokens.erase(step.token) == 0)
            return;
        limit = found->second.deadline;
    }
    const auto thrown = enter("reply", limit, [&] {
        library_.table().reply(self_, step.token, step.status, borrow(step.payload));
    });
    if (thrown && step.call != 0)
        end(step.call, *thrown);
}

void PluginThread::perform(Cancel& step) {
    enter("cancel", steady_clock::now(), [&] { library_.table().cancel(self_, step.call); });
}

void PluginThread::perform(Destroy&) {
    if (self_)
        enter("destroy", steady_clock::now(), [&] { library_.table().destroy(self_); });
    self_ = nullptr;
}

}  // namespace calyptenora::host
