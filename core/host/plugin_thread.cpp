#include "host/plugin_thread.hpp"

#include "host/answer_check.hpp"
#include "settings/secret.hpp"

#include <calyptenora/host.hpp>

#include <fmt/format.h>

#include <exception>

namespace calyptenora::host {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t most_steps = 4096;

calyptenora_bytes borrow(const std::string& text) {
    return {text.data(), text.size()};
}

std::string_view view(calyptenora_bytes bytes) {
    return bytes.data ? std::string_view(bytes.data, bytes.size) : std::string_view();
}

}  // namespace

PluginThread::Invocation::~Invocation() {
    settings::wipe(request.secret);
}

PluginThread::PluginThread(LoadedLibrary library, std::weak_ptr<ChannelListener> listener,
                           DeadlineClock& clock, ChannelLimits limits)
    : library_(library),
      listener_(listener),
      clock_(&clock),
      limits_(limits),
      calls_(std::move(listener), clock, limits) {
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

void PluginThread::create(std::string settings, CallTable::Deliver created) {
    calls_.admit_creation(steady_clock::now() + limits_.start_deadline, std::move(created),
                          [this, self = weak_from_this()] {
                              if (const auto alive = self.lock())
                                  on_deadline();
                          });
    push(Create{std::move(settings)});
    thread_ = std::make_unique<std::thread>([self = shared_from_this()] { self->run(); });
}

std::optional<Error> PluginThread::begin(WireCall call, ChannelCall request, CallTable::Deliver deliver) {
    auto invocation = std::make_unique<Invocation>(call, std::move(request));
    const auto deadline = steady_clock::now() + invocation->request.deadline;
    auto refused = calls_.admit(call, deadline, std::move(deliver));
    if (!refused)
        push(Invoke{std::move(invocation)});
    return refused;
}

void PluginThread::answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) {
    push(Reply{call, token, status, std::move(payload)});
}

void PluginThread::end(WireCall call, Error reason) {
    auto taken = calls_.take(call, "was cancelled");
    if (!taken)
        return;
    push_cancel(*taken);
    calls_.finish(std::move(*taken), std::move(reason));
}

void PluginThread::on_deadline() {
    for (const auto call : calls_.overdue())
        expire(call);
}

void PluginThread::expire(WireCall call) {
    auto taken = calls_.take(call, "was past its deadline");
    if (!taken)
        return;
    push_cancel(*taken);
    calls_.finish(std::move(*taken),
                  Error(ErrorKind::temporary, call == 0 ? "did not return from its creation in time"
                                                        : "did not answer before its deadline"));
    watch_for_hang(steady_clock::now() + limits_.hang_grace);
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
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(lost_, true))
            return;
        steps_.clear();
    }
    calls_.close(
        Error(ErrorKind::temporary, "does not return from an earlier call and gets no further ones"));
    for (auto& taken : calls_.take_all())
        calls_.finish(std::move(taken), Error(ErrorKind::temporary, reason));
    if (const auto listener = listener_.lock())
        listener->on_lost(Loss::hung, reason);
}

void PluginThread::stop(std::function<void()> stopped) {
    calls_.close(Error(ErrorKind::temporary, "is not running"));
    auto calls = calls_.take_all();
    for (const auto& taken : calls)
        push_cancel(taken);
    bool at_once = false;
    {
        const std::lock_guard lock(mutex_);
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
    for (auto& taken : calls)
        calls_.finish(std::move(taken), Error(ErrorKind::temporary, "is being stopped"));
    if (at_once)
        stopped();
}

void PluginThread::leave() {
    bool ended = false;
    calls_.leave_clock();
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
        thread_->detach();
    thread_.reset();
}

void PluginThread::push(Step step) {
    const std::lock_guard lock(mutex_);
    if (lost_)
        return;
    steps_.push_back(std::move(step));
    wake_.notify_one();
}

void PluginThread::push_cancel(const CallTable::Taken& taken) {
    if (taken.begun && taken.call != 0)
        push(Cancel{taken.call});
}

void PluginThread::on_complete(WireCall call, std::uint32_t status, calyptenora_bytes payload) {
    if (payload.size && !payload.data)
        payload.size = 0;
    if (std::this_thread::get_id() != thread_id_)
        return calls_.violation("completed a call from a thread that is not its own; refused");
    std::string text(payload.size <= limits_.answer_bytes ? view(payload) : std::string_view());
    if (call != 0) {
        calls_.complete(call, status, std::move(text), payload.size);
        return;
    }
    if (!creating_)
        return calls_.violation("completed call 0 outside of its creation; refused");
    create_error_ = creation_error(payload.size > limits_.answer_bytes
                                       ? answer_too_large(payload.size, limits_.answer_bytes)
                                       : check_answer(status, std::move(text), limits_.answer_bytes));
}

void PluginThread::on_request(WireCall call, std::uint64_t token, calyptenora_bytes service,
                              calyptenora_bytes payload) {
    if (std::this_thread::get_id() != thread_id_)
        return calls_.violation("requested a service from a thread that is not its own; refused");
    if (payload.size && !payload.data)
        payload.size = 0;
    const std::string name(view(service).substr(0, 32));
    // What is too large is refused and never copied.
    const auto text = payload.size <= limits_.request_bytes ? view(payload) : std::string_view();
    const auto refused = calls_.request({call, token, name, std::string(text)}, payload.size);
    if (!refused || name == "log")
        return;
    const std::lock_guard lock(mutex_);
    if (steps_.size() < most_steps)
        steps_.push_back(
            Reply{0, token, CALYPTENORA_DENIED, error_document(Error(ErrorKind::denied, *refused))});
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
    calls_.violation(fmt::format("threw across the interface from {}", function));
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
    auto taken = calls_.take(0, "was the creation");
    if (!taken)
        return;
    if (!failed)
        calls_.open();
    calls_.finish(std::move(*taken),
                  failed ? Result<std::string>(*failed) : Result<std::string>(std::string()));
}

void PluginThread::perform(Invoke& step) {
    auto& [call, request] = *step.invocation;
    const auto limit = calls_.begin(call);
    if (!limit)
        return;
    const auto thrown = enter("invoke", *limit, [&] {
        library_.table().invoke(self_, call, borrow(request.operation), borrow(request.document),
                                borrow(request.secret));
    });
    if (thrown)
        end(call, *thrown);
}

void PluginThread::perform(Reply& step) {
    const auto limit = step.call != 0 ? calls_.close_request(step.call, step.token) : steady_clock::now();
    if (!limit)
        return;
    const auto thrown = enter("reply", *limit, [&] {
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
