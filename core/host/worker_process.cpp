#include "host/worker_process.hpp"

#include "host/sealed_file.hpp"
#include "host/worker_confinement_check.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

namespace calyptenora::host {
namespace {

using Time = std::chrono::steady_clock::time_point;

/// As worker/confinement.hpp has them, which is the worker's own.
constexpr int worker_says = 3, worker_library = 4, worker_is_told = 5;
/// Above every number that a descriptor gets in the worker, so that none overwrites another.
constexpr int above_all = 16;

Error failed(std::string_view what, int error = errno) {
    return Error(ErrorKind::temporary,
                 fmt::format("its worker cannot be started: {}: {}", what, std::strerror(error)));
}

FileDescriptor raise(FileDescriptor file) {
    return FileDescriptor(fcntl(file.get(), F_DUPFD_CLOEXEC, above_all));
}

struct Pipe {
    FileDescriptor read_end, write_end;

    static std::optional<Pipe> make() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return std::nullopt;
        return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
    }
};

/// The attributes of a child that inherits nothing: no signal state, no session, no descriptors but these.
class SpawnPlan {
  public:
    SpawnPlan(int is_told, int says, int library, int output) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, output, 1);
        posix_spawn_file_actions_adddup2(&actions_, output, 2);
        posix_spawn_file_actions_adddup2(&actions_, says, worker_says);
        posix_spawn_file_actions_adddup2(&actions_, library, worker_library);
        posix_spawn_file_actions_adddup2(&actions_, is_told, worker_is_told);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setflags(&attributes_,
                                 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    Result<pid_t> run(const std::filesystem::path& program, std::vector<std::string> arguments) const {
        std::vector<char*> pointers;
        for (auto& argument : arguments)
            pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        char* nothing[] = {nullptr};
        pid_t pid = -1;
        const int error =
            posix_spawn(&pid, program.c_str(), &actions_, &attributes_, pointers.data(), nothing);
        if (error != 0)
            return failed(program.string(), error);
        return pid;
    }

  private:
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
};

/// Ends whatever there is of a start that did not succeed. The first process leads a group of its own, in
/// which its successor is, too.
class Unfinished {
  public:
    explicit Unfinished(pid_t leader) : leader_(leader) {}
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    ~Unfinished() {
        if (leader_ <= 0)
            return;
        ::kill(-leader_, SIGKILL);
        siginfo_t info{};
        while (waitid(P_PGID, static_cast<id_t>(leader_), &info, WEXITED) == 0 || errno == EINTR) {
        }
    }
    void succeeded() { leader_ = 0; }

  private:
    pid_t leader_;
};

int milliseconds_until(Time deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

/// What the process writes to its output before it has anything to do with a plugin: the loader's complaints.
std::string last_words(int output) {
    char text[500];
    const auto count = read(output, text, sizeof text);
    std::string words(text, count > 0 ? static_cast<std::size_t>(count) : 0);
    return words.substr(0, words.find('\n'));
}

Result<pid_t> await_birth(int from_worker, int output, Time deadline) {
    const auto frame = await_frame(from_worker, deadline);
    if (!frame)
        return frame.error();
    if (!*frame)
        return Error(ErrorKind::temporary,
                     std::chrono::steady_clock::now() >= deadline
                         ? "its worker was not ready in time"
                         : fmt::format("its worker ended before it had begun: {}", last_words(output)));
    if (const auto* refused = std::get_if<worker::Refused>(&**frame))
        return Error(ErrorKind::permanent,
                     fmt::format("its worker cannot be confined, so it does not run: {}", refused->reason));
    const auto* born = std::get_if<worker::Born>(&**frame);
    if (!born)
        return Error(ErrorKind::permanent, "its worker does not speak like one");
    return static_cast<pid_t>(born->pid);
}

std::string describe(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) {
        if (info.si_status == 128 + SIGABRT)
            return "crashed (SIGABRT)";
        if (info.si_status == worker::host_gone_status)
            return "closed its connection";
        return fmt::format("ended itself (status {})", info.si_status);
    }
    switch (info.si_status) {
        case SIGSYS:
            return "made a system call that plugins may not make (SIGSYS)";
        case SIGKILL:
            return "was killed from outside (SIGKILL; perhaps there was no memory left)";
        case SIGXCPU:
            return "used up its processor time (SIGXCPU)";
        default:
            return fmt::format("crashed (SIG{})", sigabbrev_np(info.si_status)
                                                      ? sigabbrev_np(info.si_status)
                                                      : std::to_string(info.si_status));
    }
}

}  // namespace

Result<WorkerImage> WorkerImage::open(const std::filesystem::path& program, const VerifiedPlugin& plugin) {
    std::error_code failure;
    if (!std::filesystem::exists(program, failure))
        return Error(
            ErrorKind::invalid_config,
            fmt::format("there is no program {}, in which plugins run; install the server with all its parts",
                        program.string()));
    auto library = seal_library(plugin);
    if (!library)
        return library.error();
    return WorkerImage{program, std::move(*library), plugin.needed, plugin.manifest};
}

WorkerProcess::WorkerProcess(pid_t pid, FileDescriptor pidfd, FileDescriptor to_worker,
                             FileDescriptor from_worker, FileDescriptor output)
    : pid_(pid),
      pidfd_(std::move(pidfd)),
      to_worker_(std::move(to_worker)),
      from_worker_(std::move(from_worker)),
      output_(std::move(output)) {}

Result<WorkerProcess> WorkerProcess::spawn(const WorkerImage& image, const std::string& instance,
                                           Time deadline) {
    std::signal(SIGPIPE, SIG_IGN);
    // Pipes rather than a pair of sockets: they wake their reader, and only it, in three quarters of the
    // time, and cannot carry descriptors.
    auto told = Pipe::make(), said = Pipe::make(), output = Pipe::make();
    if (!told || !said || !output)
        return failed("no pipe");
    told->read_end = raise(std::move(told->read_end));
    said->write_end = raise(std::move(said->write_end));
    output->write_end = raise(std::move(output->write_end));
    FileDescriptor library(fcntl(image.library.get(), F_DUPFD_CLOEXEC, above_all));
    if (!told->read_end || !said->write_end || !output->write_end || !library ||
        fcntl(output->read_end.get(), F_SETFL, O_NONBLOCK) != 0)
        return failed("no descriptors");

    std::vector<std::string> arguments{image.program.filename().string(), instance};
    arguments.insert(arguments.end(), image.system_libraries.begin(), image.system_libraries.end());
    const auto first =
        SpawnPlan(told->read_end.get(), said->write_end.get(), library.get(), output->write_end.get())
            .run(image.program, arguments);
    if (!first)
        return first.error();
    Unfinished unfinished(*first);
    // So that each reader hears of the end of the only writer.
    for (auto* end : {&told->read_end, &said->write_end, &output->write_end})
        *end = FileDescriptor();

    const auto pid = await_birth(said->read_end.get(), output->read_end.get(), deadline);
    if (!pid)
        return pid.error();
    siginfo_t info{};
    // The first process has nothing left to do; the second one must be a child of ours.
    if (waitid(P_PID, static_cast<id_t>(*first), &info, WEXITED) != 0 ||
        waitid(P_PID, static_cast<id_t>(*pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return failed("its process is not there");
    FileDescriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
    if (!pidfd)
        return failed("no handle for its process");
    if (auto own = check_namespaces(*pid); !own)
        return own.error();
    unfinished.succeeded();
    return WorkerProcess(*pid, std::move(pidfd), std::move(told->write_end), std::move(said->read_end),
                         std::move(output->read_end));
}

WorkerProcess::~WorkerProcess() {
    if (!pidfd_ || end_)
        return;
    kill();
    siginfo_t info{};
    while (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0 && errno == EINTR) {
    }
}

void WorkerProcess::kill() const {
    if (!end_)
        syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

std::chrono::nanoseconds WorkerProcess::processor_time() const {
    clockid_t clock{};
    timespec used{};
    if (end_ || clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::optional<std::string> WorkerProcess::ended() {
    if (end_)
        return end_;
    siginfo_t info{};
    if (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG) != 0) {
        end_ = "is gone, and the system does not say how";
    } else if (info.si_pid != 0) {
        was_killed_ = info.si_code != CLD_EXITED && info.si_status == SIGKILL;
        end_ = describe(info);
    }
    return end_;
}

Result<std::optional<worker::WorkerFrame>> await_frame(int from_worker, Time deadline) {
    worker::FrameBuffer buffer;
    while (true) {
        pollfd readable{from_worker, POLLIN, 0};
        const int ready = poll(&readable, 1, milliseconds_until(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        char bytes[4096];
        const auto count = ready > 0 ? read(from_worker, bytes, sizeof bytes) : 0;
        if (count <= 0)
            return std::nullopt;
        buffer.append({bytes, static_cast<std::size_t>(count)});
        const auto raw = buffer.next();
        if (!raw)
            return raw.error();
        if (!*raw)
            continue;
        if (buffer.has_rest())
            return Error(ErrorKind::permanent, "its worker does not speak like one");
        auto frame = worker::parse_worker_frame(**raw);
        if (!frame)
            return frame.error();
        return std::optional(std::move(*frame));
    }
}

}  // namespace calyptenora::host
