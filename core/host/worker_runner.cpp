#include "host/worker_runner.hpp"

#include "settings/secret.hpp"

#include <calyptenora/host.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>

namespace calyptenora::host {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;
using Function = WorkerOutbox::Function;

namespace {

constexpr int idle_share = 20;
constexpr std::chrono::milliseconds tracer_interval{50};

}  // namespace

WorkerRunner::WorkerRunner(std::string name, std::shared_ptr<const WorkerImage> image, WorkerPlace place,
                           std::weak_ptr<ChannelListener> listener, ChannelLimits limits)
    : name_(std::move(name)),
      image_(std::move(image)),
      place_(std::move(place)),
      listener_(listener),
      limits_(limits),
      calls_(std::move(listener), place_.clock, limits),
      outbox_([this](WireCall call) { calls_.begin(call); }) {}

WorkerRunner::~WorkerRunner() {
    settings::wipe(settings_);
}

pid_t WorkerRunner::pid() const {
    const std::lock_guard lock(mutex_);
    return process_ ? process_->pid() : 0;
}

// ---- what the channel asks for

void WorkerRunner::create(std::string settings, CallTable::Deliver created) {
    calls_.admit_creation(steady_clock::now() + limits_.start_deadline, std::move(created),
                          [this, self = weak_from_this()] {
                              if (const auto alive = self.lock())
                                  on_deadline();
                          });
    {
        const std::lock_guard lock(mutex_);
        settings_ = std::move(settings);
        phase_ = Phase::launching;
    }
    asio::post(place_.spawner, [self = shared_from_this()] { self->launch(); });
}

std::optional<Error> WorkerRunner::begin(WireCall call, ChannelCall request, CallTable::Deliver deliver) {
    const auto now = steady_clock::now();
    const auto deadline = now + request.deadline;
    worker::HostFrame frame =
        worker::Invoke{call, std::move(request.operation), std::move(request.document), request.secret};
    settings::wipe(request.secret);
    std::optional<Error> refused;
    if (worker::body_size(frame) > worker::most_body_bytes) {
        refused = Error(ErrorKind::permanent, "the call is too large");
    } else {
        // Together, so that a call that ends at once is found where it waits.
        const std::lock_guard lock(mutex_);
        refused = calls_.admit(call, deadline, std::move(deliver));
        if (!refused)
            send(frame, {Function::invoke, call, deadline});
    }
    settings::wipe(std::get<worker::Invoke>(frame).secret);
    return refused;
}

void WorkerRunner::answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) {
    const auto limit = calls_.close_request(call, token);
    if (!limit)
        return;
    worker::HostFrame frame = worker::Reply{token, status, std::move(payload)};
    if (worker::body_size(frame) > worker::most_body_bytes)
        frame = worker::Reply{token, CALYPTENORA_PERMANENT,
                              error_document(Error(ErrorKind::permanent, "the answer is too large"))};
    const std::lock_guard lock(mutex_);
    send(frame, {Function::reply, call, *limit});
}

void WorkerRunner::end(WireCall call, Error reason) {
    auto taken = calls_.take(call, "was cancelled");
    if (!taken)
        return;
    withdraw(*taken);
    calls_.finish(std::move(*taken), std::move(reason));
}

void WorkerRunner::withdraw(const CallTable::Taken& taken) {
    const auto now = steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        if (taken.call == 0)
            return kill("did not return from its creation in time");
        if (outbox_.take_back(taken.call))
            return;
        send(worker::Cancel{taken.call}, {Function::cancel, taken.call, now});
    }
    watch_for_hang(std::max(taken.deadline, now) + limits_.hang_grace);
}

void WorkerRunner::stop(std::function<void()> stopped) {
    calls_.close(Error(ErrorKind::temporary, "is not running"));
    auto calls = calls_.take_all();
    bool at_once = false;
    {
        const std::lock_guard lock(mutex_);
        outbox_.take_back_all();
        at_once = phase_ == Phase::idle || phase_ == Phase::over;
        if (!at_once)
            stopped_ = stopped;
        for (const auto& taken : calls)
            if (taken.begun && taken.call != 0)
                send(worker::Cancel{taken.call}, {Function::cancel, taken.call, steady_clock::now()});
        if (phase_ == Phase::creating || phase_ == Phase::running)
            send(worker::Destroy{}, {Function::destroy, 0, steady_clock::now()});
        else
            kill("was stopped while it started");
    }
    if (!at_once)
        place_.clock.at(steady_clock::now() + limits_.hang_grace, [this, self = weak_from_this()] {
            if (const auto alive = self.lock()) {
                const std::lock_guard lock(mutex_);
                kill("did not end in time and was killed");
            }
        });
    for (auto& taken : calls)
        calls_.finish(std::move(taken), Error(ErrorKind::temporary, "is being stopped"));
    if (at_once)
        stopped();
}

// ---- deadlines

void WorkerRunner::on_deadline() {
    for (const auto call : calls_.overdue())
        expire(call);
}

void WorkerRunner::expire(WireCall call) {
    auto taken = calls_.take(call, "was past its deadline");
    if (!taken)
        return;
    withdraw(*taken);
    calls_.finish(std::move(*taken),
                  Error(ErrorKind::temporary, call == 0 ? "did not return from its creation in time"
                                                        : "did not answer before its deadline"));
}

void WorkerRunner::watch_for_hang(Time time) {
    place_.clock.at(time, [this, self = weak_from_this()] {
        if (const auto alive = self.lock())
            check_for_hang();
    });
}

void WorkerRunner::check_for_hang() {
    const auto now = steady_clock::now();
    Time again;
    {
        const std::lock_guard lock(mutex_);
        const auto* current = outbox_.current();
        if (phase_ == Phase::over || !from_worker_ || !current)
            return;
        again = current->limit + limits_.hang_grace;
        if (again <= now) {
            // Unless it has said something that this process has not come to read.
            int unread = 0;
            if (ioctl(from_worker_->native_handle(), FIONREAD, &unread) == 0 && unread > 0)
                again = now + limits_.hang_grace;
            else
                return kill(
                    fmt::format("did not return from {} in time and was killed", name_of(current->function)));
        }
    }
    watch_for_hang(again);
}

void WorkerRunner::watch_processor() {
    place_.clock.at(steady_clock::now() + limits_.idle_check, [this, self = weak_from_this()] {
        if (const auto alive = self.lock())
            check_processor();
    });
}

void WorkerRunner::check_processor() {
    {
        const std::lock_guard lock(mutex_);
        if (phase_ == Phase::over || !process_)
            return;
        const auto used = process_->processor_time();
        const auto returned = outbox_.returned();
        const bool was_idle = !outbox_.current() && returned == idle_returned_;
        if (was_idle && used - idle_used_ > limits_.idle_check / idle_share)
            return kill("used the processor while it had nothing to do and was killed");
        idle_used_ = used;
        idle_returned_ = returned;
    }
    watch_processor();
}

// ---- the process

void WorkerRunner::launch() {
    auto process = WorkerProcess::spawn(*image_, name_, steady_clock::now() + limits_.start_deadline);
    std::unique_lock lock(mutex_);
    if (process && kill_reason_.empty()) {
        attach(std::move(*process));
        return;
    }
    phase_ = Phase::over;
    const auto stopped = std::exchange(stopped_, nullptr);
    lock.unlock();
    fail_creation(process ? Error(ErrorKind::temporary, "was stopped while it started") : process.error());
    if (stopped)
        stopped();
}

void WorkerRunner::attach(WorkerProcess process) {
    process_.emplace(std::move(process));
    to_worker_.emplace(place_.executor, process_->take_to_worker().release());
    to_worker_->native_non_blocking(true);
    from_worker_.emplace(place_.executor, process_->take_from_worker().release());
    output_.emplace(place_.executor, process_->take_output().release());
    pidfd_.emplace(place_.executor, dup(process_->pidfd()));
    phase_ = Phase::loading;
    read_frames();
    await_output();
    await_end();
    send(worker::Load{limits_.answer_bytes, limits_.request_bytes, image_->manifest}, {});
}

void WorkerRunner::kill(const std::string& why) {
    if (kill_reason_.empty())
        kill_reason_ = why;
    if (process_)
        process_->kill();
}

void WorkerRunner::await_end() {
    pidfd_->async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](error_code) { self->on_end(); });
}

// Whoever traces a process (strace, a debugger) hears of its end first, and only then its parent can take it.
void WorkerRunner::await_tracer() {
    place_.clock.at(steady_clock::now() + tracer_interval, [this, self = weak_from_this()] {
        const auto alive = self.lock();
        if (!alive)
            return;
        const std::lock_guard lock(mutex_);
        if (pidfd_)
            await_end();
    });
}

void WorkerRunner::on_end() {
    {
        const std::lock_guard lock(mutex_);
        has_ended_ = process_ && process_->ended();
        if (process_ && !has_ended_)
            await_tracer();
        if (!has_ended_ || !frames_ended_)
            return;
    }
    finish();
}

void WorkerRunner::finish() {
    std::string reason;
    std::function<void()> stopped;
    Phase before;
    bool good_end;
    {
        const std::lock_guard lock(mutex_);
        if (phase_ == Phase::over)
            return;
        before = std::exchange(phase_, Phase::over);
        reason = *process_->ended();
        good_end = reason == WorkerProcess::good_end;
        if (process_->was_killed() && !kill_reason_.empty())
            reason = kill_reason_;
        stopped = std::exchange(stopped_, nullptr);
        drain_output();
        to_worker_.reset();
        from_worker_.reset();
        output_.reset();
        pidfd_.reset();
        process_.reset();
    }
    if (stopped) {
        if (!good_end && before == Phase::running)
            calls_.violation(fmt::format("at its end: {}", reason));
        stopped();
        return;
    }
    calls_.close(Error(ErrorKind::temporary, "is not running: " + reason));
    // First, so that whoever is told that a call failed finds the instance marked.
    if (before == Phase::running)
        if (const auto listener = listener_.lock())
            listener->on_lost(speaks_frames_ ? Loss::ended : Loss::broke_rules, reason);
    for (auto& taken : calls_.take_all()) {
        auto error = taken.call == 0 && create_error_ ? *create_error_ : Error(ErrorKind::temporary, reason);
        calls_.finish(std::move(taken), std::move(error));
    }
}

void WorkerRunner::fail_creation(Error why) {
    if (auto taken = calls_.take(0, "was the creation"))
        calls_.finish(std::move(*taken), std::move(why));
}

// ---- what the worker is told (with the lock)

void WorkerRunner::send(const worker::HostFrame& frame, WorkerOutbox::Entry entry) {
    if (phase_ == Phase::over || !to_worker_)
        return;
    outbox_.push(frame, entry, steady_clock::now());
    flush();
}

void WorkerRunner::flush() {
    if (outbox_.write(to_worker_->native_handle()) || std::exchange(waits_for_room_, true))
        return;
    to_worker_->async_wait(asio::posix::stream_descriptor::wait_write,
                           [this, self = shared_from_this()](error_code failure) {
                               const std::lock_guard lock(mutex_);
                               waits_for_room_ = false;
                               if (!failure && to_worker_)
                                   flush();
                           });
}

}  // namespace calyptenora::host
