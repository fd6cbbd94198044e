#pragma once

#include "host/file_descriptor.hpp"
#include "host/verification.hpp"
#include "worker/frames.hpp"

#include <calyptenora/result.hpp>

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::host {

/// What a worker is made of. The plugin's library is a sealed file, shared by all workers that run it.
struct WorkerImage {
    /// `invalid_config` if there is no such program.
    static Result<WorkerImage> open(const std::filesystem::path& program, const VerifiedPlugin& plugin);

    std::filesystem::path program;  ///< calyptenora-worker
    FileDescriptor library;
    std::vector<std::string> system_libraries;  ///< That the library needs.
    std::string manifest;
};

/// A worker process, in namespaces of its own, that waits for its first frame. Killed and waited for when
/// this object goes, so that none is ever left behind; and the kernel kills it when the thread that spawned
/// it ends.
class WorkerProcess {
  public:
    /// Blocks until the worker has taken its place (milliseconds), at most until the deadline. Call it on a
    /// thread that lives as long as the worker shall. The error says what the system refused, and the remedy.
    static Result<WorkerProcess> spawn(const WorkerImage& image, const std::string& instance,
                                       std::chrono::steady_clock::time_point deadline);
    WorkerProcess(WorkerProcess&&) = default;
    WorkerProcess& operator=(WorkerProcess&&) = delete;
    ~WorkerProcess();

    pid_t pid() const { return pid_; }
    /// The pipes on which it is told and says. Once. Whoever writes to a worker that has ended gets EPIPE and
    /// no signal: spawn() makes the whole process ignore SIGPIPE.
    FileDescriptor take_to_worker() { return std::move(to_worker_); }
    FileDescriptor take_from_worker() { return std::move(from_worker_); }
    /// Its standard output and error, to be read without blocking. Once.
    FileDescriptor take_output() { return std::move(output_); }
    /// Becomes readable when it ends.
    int pidfd() const { return pidfd_.get(); }

    void kill() const;
    /// What it has used of the processor since it exists.
    std::chrono::nanoseconds processor_time() const;
    /// How it ended, for the operator; nothing while it runs. Does not block.
    std::optional<std::string> ended();
    static constexpr std::string_view good_end = "ended itself (status 0)";
    /// Whether it was killed by SIGKILL. After ended() said something.
    bool was_killed() const { return was_killed_; }

  private:
    WorkerProcess(pid_t pid, FileDescriptor pidfd, FileDescriptor to_worker, FileDescriptor from_worker,
                  FileDescriptor output);

    pid_t pid_;
    FileDescriptor pidfd_, to_worker_, from_worker_, output_;
    std::optional<std::string> end_;
    bool was_killed_ = false;
};

/// The next frame of a worker that says one and then waits; blocks until the deadline. Nothing if none came
/// in time or the worker has ended; an error for anything that is not one frame.
Result<std::optional<worker::WorkerFrame>> await_frame(int from_worker,
                                                       std::chrono::steady_clock::time_point deadline);

}  // namespace calyptenora::host
