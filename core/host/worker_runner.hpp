#pragma once

#include "host/output_lines.hpp"
#include "host/plugin_runner.hpp"
#include "host/worker_outbox.hpp"
#include "host/worker_process.hpp"
#include "worker/frames.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace calyptenora::host {

/// What all workers of a host share. Outlives them.
struct WorkerPlace {
    boost::asio::any_io_executor executor;  ///< Reads what workers say; runs until all of them have stopped.
    /// One thread that lives as long as the host: the kernel ends a worker when the thread that spawned it
    /// ends.
    boost::asio::thread_pool& spawner;
    DeadlineClock& clock;
};

/// A plugin that runs in a worker process. The worker is not trusted once the plugin is loaded: each frame is
/// checked, each rule is enforced here, and a worker that sends what is no frame, that does not return from a
/// function in time, or that breaks the rules again and again, is killed.
///
/// start: the process is spawned, looked at from outside (namespaces), told to load the plugin, looked at
/// again (privileges, system calls), and only then gets the instance's settings.
class WorkerRunner final : public PluginRunner, public std::enable_shared_from_this<WorkerRunner> {
  public:
    WorkerRunner(std::string name, std::shared_ptr<const WorkerImage> image, WorkerPlace place,
                 std::weak_ptr<ChannelListener> listener, ChannelLimits limits);
    ~WorkerRunner() override;

    void create(std::string settings, CallTable::Deliver created) override;
    std::optional<Error> begin(WireCall call, ChannelCall request, CallTable::Deliver deliver) override;
    void answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) override;
    void end(WireCall call, Error reason) override;
    void read_output() override;
    void stop(std::function<void()> stopped) override;
    void leave() override { calls_.leave_clock(); }

    /// The worker's process as the system numbers it; 0 while there is none.
    pid_t pid() const;

  private:
    using Time = CallTable::Time;
    enum class Phase : std::uint8_t { idle, launching, loading, creating, running, over };

    void withdraw(const CallTable::Taken& taken);
    void fail_creation(Error why);
    void on_deadline();
    void expire(WireCall call);
    void watch_for_hang(Time time);
    void check_for_hang();
    /// A worker can claim to have returned and go on computing: deadlines do not see that, its processor time
    /// shows it.
    void watch_processor();
    void check_processor();

    /// On the spawner's thread.
    void launch();
    void await_end();
    void await_tracer();
    void on_end();
    void finish();

    // With the lock.
    void attach(WorkerProcess process);
    /// Kills the process, or keeps it from being started. What is told about its end is the first `why`,
    /// unless it ends by itself.
    void kill(const std::string& why);
    void send(const worker::HostFrame& frame, WorkerOutbox::Entry entry);
    void flush();
    void read_frames();
    void await_output();
    void drain_output();
    /// How much it has read: none if there is nothing now, nothing at all if there will be no more.
    std::optional<std::size_t> take_output();
    void emit(std::string line) const;

    // Two chains of handlers: its frames, and its output. An error ends the worker.
    void on_frames(boost::system::error_code failure, std::size_t size);
    void on_output(boost::system::error_code failure);
    Status take_frames();
    Status take(worker::Born& frame);
    Status take(worker::Refused& frame);
    Status take(worker::Ready& frame);
    Status take(worker::Created& frame);
    Status take(worker::Request& frame);
    Status take(worker::Complete& frame);
    Status take(worker::Threw& frame);
    Status take(worker::Returned& frame);
    Status count_violation();

    const std::string name_;
    const std::shared_ptr<const WorkerImage> image_;
    const WorkerPlace place_;
    const std::weak_ptr<ChannelListener> listener_;
    const ChannelLimits limits_;
    CallTable calls_;

    mutable std::mutex mutex_;
    Phase phase_ = Phase::idle;
    std::optional<WorkerProcess> process_;
    std::optional<boost::asio::posix::stream_descriptor> to_worker_, from_worker_, output_, pidfd_;
    WorkerOutbox outbox_;
    bool waits_for_room_ = false, frames_ended_ = false, has_ended_ = false;
    std::string settings_;
    std::string kill_reason_;
    std::chrono::nanoseconds idle_used_{};
    std::uint64_t idle_returned_ = 0;
    std::function<void()> stopped_;

    // Of the frames' chain alone.
    worker::FrameBuffer frames_;
    std::array<char, 64 * 1024> read_;
    bool speaks_frames_ = true;
    std::optional<Error> create_error_;
    Time second_{}, minute_{};
    std::size_t frames_this_second_ = 0;
    int violations_ = 0;

    // Of its output, with the lock.
    Time output_second_{};
    std::size_t output_this_second_ = 0;
    OutputLines lines_;
};

}  // namespace calyptenora::host
