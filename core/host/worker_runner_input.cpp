#include "host/answer_check.hpp"
#include "host/worker_confinement_check.hpp"
#include "host/worker_runner.hpp"
#include "settings/secret.hpp"

#include <calyptenora/host.hpp>

#include <boost/asio/buffer.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

/// What a worker says: frames on its pipe, and text on its output.
namespace calyptenora::host {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;
using Function = WorkerOutbox::Function;

namespace {

constexpr std::size_t most_waiting_frames = 4096;
constexpr int most_violations_per_minute = 100;
constexpr std::size_t most_frames_per_second = 100'000;
constexpr std::size_t most_output_per_second = 64 * 1024;
constexpr std::size_t pipe_bytes = 64 * 1024;

Status malformed(const char* what) {
    return Error(ErrorKind::permanent, what);
}

Status misplaced() {
    return malformed("a frame that has no place here");
}

}  // namespace

void WorkerRunner::read_frames() {
    from_worker_->async_read_some(asio::buffer(read_),
                                  [self = shared_from_this()](error_code failure, std::size_t size) {
                                      self->on_frames(failure, size);
                                  });
}

void WorkerRunner::on_frames(error_code failure, std::size_t size) {
    if (!failure) {
        frames_.append({read_.data(), size});
        const auto taken = speaks_frames_ ? take_frames() : Status();
        const std::lock_guard lock(mutex_);
        if (!taken) {
            speaks_frames_ = false;
            kill(fmt::format("sent {} and was killed", taken.error().message));
        }
        if (from_worker_)
            read_frames();
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        frames_ended_ = true;
        if (!has_ended_) {
            kill("closed its connection");
            return;
        }
    }
    finish();
}

Status WorkerRunner::take_frames() {
    const auto now = steady_clock::now();
    if (now - second_ >= std::chrono::seconds(1)) {
        second_ = now;
        frames_this_second_ = 0;
    }
    while (true) {
        const auto raw = frames_.next();
        if (!raw)
            return raw.error();
        if (!*raw)
            return {};
        auto frame = worker::parse_worker_frame(**raw);
        if (!frame)
            return frame.error();
        if (++frames_this_second_ > most_frames_per_second)
            return malformed("too many frames in a second");
        if (auto good = std::visit([this](auto& chosen) { return take(chosen); }, *frame); !good)
            return good;
    }
}

Status WorkerRunner::take(worker::Born&) {
    return misplaced();
}

Status WorkerRunner::take(worker::Refused& frame) {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::loading)
        return misplaced();
    create_error_ = Error(ErrorKind::permanent, frame.reason.substr(0, 2000));
    return {};
}

Status WorkerRunner::take(worker::Ready&) {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::loading)
        return misplaced();
    if (const auto confined = check_confinement(process_->pid()); !confined) {
        create_error_ = confined.error();
        kill("was not confined and was killed");
        return {};
    }
    phase_ = Phase::creating;
    worker::HostFrame frame = worker::Create{std::move(settings_)};
    send(frame, {Function::create, 0, steady_clock::now() + limits_.start_deadline});
    settings::wipe(std::get<worker::Create>(frame).settings);
    settings::wipe(settings_);
    return {};
}

Status WorkerRunner::take(worker::Created& frame) {
    {
        const std::lock_guard lock(mutex_);
        if (phase_ != Phase::creating)
            return misplaced();
        if (!create_error_ && !frame.made)
            create_error_ = Error(ErrorKind::permanent, "could not be created and does not say why");
        if (!create_error_) {
            phase_ = Phase::running;
            idle_used_ = process_->processor_time();
            watch_processor();
        }
    }
    if (create_error_)
        fail_creation(*create_error_);
    else if (auto taken = calls_.take(0, "was the creation")) {
        calls_.open();
        calls_.finish(std::move(*taken), std::string());
    }
    return {};
}

Status WorkerRunner::take(worker::Request& frame) {
    const auto token = frame.token;
    const bool answered = frame.service != "log";
    const auto refused = calls_.request(
        {frame.call, token, frame.service.substr(0, 32), std::move(frame.payload)}, frame.size);
    if (!refused)
        return {};
    if (answered) {
        const std::lock_guard lock(mutex_);
        if (outbox_.waiting() < most_waiting_frames)
            send(worker::Reply{token, CALYPTENORA_DENIED, error_document(Error(ErrorKind::denied, *refused))},
                 {Function::reply, 0, steady_clock::now()});
    }
    return count_violation();
}

Status WorkerRunner::take(worker::Complete& frame) {
    if (frame.call != 0)
        return calls_.complete(frame.call, frame.status, std::move(frame.payload), frame.size)
                   ? Status()
                   : count_violation();
    {
        const std::lock_guard lock(mutex_);
        if (phase_ == Phase::creating) {
            create_error_ = creation_error(
                frame.size > limits_.answer_bytes
                    ? answer_too_large(frame.size, limits_.answer_bytes)
                    : check_answer(frame.status, std::move(frame.payload), limits_.answer_bytes));
            return {};
        }
    }
    calls_.violation("completed call 0 outside of its creation; refused");
    return count_violation();
}

Status WorkerRunner::take(worker::Threw& frame) {
    WorkerOutbox::Entry entry;
    {
        const std::lock_guard lock(mutex_);
        if (const auto* current = outbox_.current())
            entry = *current;
    }
    const auto text = fmt::format("threw across the interface from {}", name_of(entry.function));
    const Error error(ErrorKind::permanent, fmt::format("{}: {}", text, frame.what.substr(0, 1000)));
    calls_.violation(text);
    if (entry.function == Function::create)
        create_error_ = error;
    else if (entry.call != 0)
        end(entry.call, error);
    return count_violation();
}

Status WorkerRunner::take(worker::Returned& frame) {
    const std::lock_guard lock(mutex_);
    if (!outbox_.returned(frame.entries, steady_clock::now()))
        return malformed("a count of functions that it was not asked for");
    if (to_worker_)
        flush();
    return {};
}

Status WorkerRunner::count_violation() {
    const auto now = steady_clock::now();
    if (now - minute_ >= std::chrono::minutes(1)) {
        minute_ = now;
        violations_ = 0;
    }
    if (++violations_ > most_violations_per_minute)
        return malformed("too much that breaks the rules of the interface");
    return {};
}

// ---- its output (all of it with the lock, so that read_output() finds what has arrived either read or
// unread)

void WorkerRunner::await_output() {
    output_->async_wait(asio::posix::stream_descriptor::wait_read,
                        [self = shared_from_this()](error_code failure) { self->on_output(failure); });
}

void WorkerRunner::on_output(error_code failure) {
    const std::lock_guard lock(mutex_);
    if (failure || !output_)
        return;
    const auto size = take_output();
    if (!size)
        return;
    const auto now = steady_clock::now();
    if (now - output_second_ >= std::chrono::seconds(1)) {
        output_second_ = now;
        output_this_second_ = 0;
    }
    output_this_second_ += *size;
    const auto again = [this, self = weak_from_this()] {
        const auto alive = self.lock();
        if (!alive)
            return;
        const std::lock_guard lock(mutex_);
        if (output_)
            await_output();
    };
    // A plugin that writes without end waits at its full pipe, and costs this process nothing.
    if (output_this_second_ > most_output_per_second)
        place_.clock.at(output_second_ + std::chrono::seconds(1), again);
    else
        await_output();
}

void WorkerRunner::read_output() {
    const std::lock_guard lock(mutex_);
    drain_output();
}

void WorkerRunner::drain_output() {
    // As much as a pipe holds: what is written meanwhile is not waited for.
    for (std::size_t taken = 0; output_ && taken < pipe_bytes;)
        if (const auto size = take_output(); size && *size > 0)
            taken += *size;
        else
            break;
    lines_.finish(steady_clock::now(), [this](std::string line) { emit(std::move(line)); });
}

std::optional<std::size_t> WorkerRunner::take_output() {
    char bytes[4 * 1024];
    const auto count = read(output_->native_handle(), bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (count <= 0)
        return std::nullopt;
    const auto size = static_cast<std::size_t>(count);
    lines_.append({bytes, size}, steady_clock::now(), [this](std::string line) { emit(std::move(line)); });
    return size;
}

void WorkerRunner::emit(std::string line) const {
    if (const auto listener = listener_.lock())
        listener->on_output(std::move(line));
}

}  // namespace calyptenora::host
