#include "platform/courses/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace calyptenora::platform {

namespace {

class Pipe {
  public:
    Pipe() {
        if (pipe2(ends_.data(), O_CLOEXEC) != 0)
            ends_ = {-1, -1};
    }
    ~Pipe() {
        close_reading();
        close_writing();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    bool is_open() const { return ends_[0] >= 0; }
    int reading() const { return ends_[0]; }
    int writing() const { return ends_[1]; }
    void close_reading() { close_end(ends_[0]); }
    void close_writing() { close_end(ends_[1]); }

  private:
    static void close_end(int& end) {
        if (end >= 0)
            close(end);
        end = -1;
    }

    std::array<int, 2> ends_{};
};

/// What a program reads, as a file without a name: nobody has to write while the program runs.
class InputFile {
  public:
    explicit InputFile(std::string_view text) : file_(memfd_create("input", MFD_CLOEXEC)) {
        while (file_ >= 0 && !text.empty()) {
            const ssize_t count = write(file_, text.data(), text.size());
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                break;
            text.remove_prefix(std::size_t(count));
        }
        is_whole_ = file_ >= 0 && text.empty() && lseek(file_, 0, SEEK_SET) == 0;
    }
    ~InputFile() {
        if (file_ >= 0)
            close(file_);
    }
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    bool is_whole() const { return is_whole_; }
    int file() const { return file_; }

  private:
    int file_;
    bool is_whole_ = false;
};

class SpawnActions {
  public:
    SpawnActions() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setflags(&attributes_,
                                 POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setpgroup(&attributes_, 0);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigaddset(&signals, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
    }
    ~SpawnActions() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;

    int spawn(pid_t& child, const std::vector<std::string>& arguments, int input, int output, int errors) {
        posix_spawn_file_actions_adddup2(&actions_, input, 0);
        posix_spawn_file_actions_adddup2(&actions_, output, 1);
        posix_spawn_file_actions_adddup2(&actions_, errors, 2);
        std::vector<char*> argv;
        for (const std::string& argument : arguments)
            argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        const char* path = std::getenv("PATH");
        std::string path_line = fmt::format("PATH={}", path ? path : "/usr/bin:/bin");
        std::string locale_line = "LC_ALL=C";
        char* environment[] = {path_line.data(), locale_line.data(), nullptr};
        return posix_spawnp(&child, argv[0], &actions_, &attributes_, argv.data(), environment);
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

// Reads what is there; closes the end at its end.
void drain(Pipe& pipe, std::string& into) {
    char buffer[4096];
    const ssize_t count = read(pipe.reading(), buffer, sizeof buffer);
    if (count > 0)
        into.append(buffer, std::size_t(count));
    else if (count == 0 || errno != EINTR)
        pipe.close_reading();
}

bool take_lines(std::string& text, const std::function<bool(std::string_view)>& on_line) {
    constexpr std::size_t longest_line = 64 * 1024;
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        if (on_line && !on_line(std::string_view(text).substr(begin, end - begin)))
            return false;
        begin = end + 1;
    }
    text.erase(0, begin);
    if (text.size() > longest_line)
        text.clear();
    return true;
}

}  // namespace

Result<FinishedProcess> run_program(const std::vector<std::string>& arguments,
                                    std::chrono::milliseconds time_limit,
                                    const std::function<bool(std::string_view line)>& on_line,
                                    std::string_view input) {
    const InputFile input_file(input);
    Pipe output;
    Pipe errors;
    if (!input_file.is_whole() || !output.is_open() || !errors.is_open())
        return Error(ErrorKind::unsupported,
                     fmt::format("no pipe for {}: {}", arguments.front(), std::strerror(errno)));
    pid_t child = 0;
    if (const int failure =
            SpawnActions().spawn(child, arguments, input_file.file(), output.writing(), errors.writing()))
        return Error(ErrorKind::unsupported,
                     fmt::format("{} cannot be started: {}; install it, or add its folder to PATH",
                                 arguments.front(), std::strerror(failure)));
    output.close_writing();
    errors.close_writing();

    FinishedProcess finished;
    std::string pending;
    std::string stopped;
    const auto deadline = std::chrono::steady_clock::now() + time_limit;
    int status = 0;
    bool ended = false;
    while (!ended || output.reading() >= 0 || errors.reading() >= 0) {
        std::array<pollfd, 2> watched{pollfd{output.reading(), POLLIN, 0},
                                      pollfd{errors.reading(), POLLIN, 0}};
        poll(watched.data(), watched.size(), 100);
        if (watched[0].revents)
            drain(output, pending);
        if (watched[1].revents)
            drain(errors, finished.errors);
        if (finished.errors.size() > 4096)
            finished.errors.erase(0, finished.errors.size() - 4096);
        if (stopped.empty() && !take_lines(pending, on_line))
            stopped = "was cancelled";
        if (stopped.empty() && std::chrono::steady_clock::now() > deadline)
            stopped =
                fmt::format("did not end within {:g} s", std::chrono::duration<double>(time_limit).count());
        if (!stopped.empty() && !ended)
            kill(-child, SIGKILL);
        if (!ended)
            ended = waitpid(child, &status, WNOHANG) == child;
        // Whatever the program has started may not outlive it.
        if (ended && !stopped.empty())
            break;
    }
    if (!stopped.empty())
        return Error(ErrorKind::temporary, fmt::format("{} {}", arguments.front(), stopped));
    finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return finished;
}

}  // namespace calyptenora::platform
