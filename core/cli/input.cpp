#include "cli/input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

namespace calyptenora::cli {
namespace {

/// The terminal without echo, for as long as this lives.
class QuietTerminal {
  public:
    QuietTerminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        if (fd_ < 0 || tcgetattr(fd_, &before_) != 0)
            return;
        auto quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_quiet_ = tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
    }
    ~QuietTerminal() {
        if (is_quiet_)
            tcsetattr(fd_, TCSAFLUSH, &before_);
        if (fd_ >= 0)
            close(fd_);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

    bool is_quiet() const { return is_quiet_; }

    std::string ask(std::string_view prompt) const {
        show(prompt);
        std::string line;
        for (char c = 0; read(fd_, &c, 1) == 1 && c != '\n';)
            line += c;
        show("\n");
        return line;
    }

  private:
    void show(std::string_view text) const {
        if (write(fd_, text.data(), text.size()) < 0)
            return;
    }

    int fd_;
    termios before_{};
    bool is_quiet_ = false;
};

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file, std::uintmax_t limit) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(file, failure))
        return Error(ErrorKind::not_found, fmt::format("{}: there is no such file", file.string()));
    if (std::filesystem::file_size(file, failure) > limit || failure)
        return Error(ErrorKind::invalid_input,
                     fmt::format("{}: is larger than {} MiB", file.string(), limit / (1024 * 1024)));
    std::ifstream stream(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(stream), {});
    if (!stream)
        return Error(ErrorKind::invalid_input, fmt::format("{}: cannot be read", file.string()));
    return bytes;
}

Result<std::string> read_standard_input(std::uintmax_t limit) {
    std::string bytes;
    char buffer[16384];
    for (;;) {
        const auto count = read(STDIN_FILENO, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return Error(ErrorKind::temporary, fmt::format("standard input: {}", std::strerror(errno)));
        if (count == 0)
            return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
        if (bytes.size() > limit)
            return Error(ErrorKind::invalid_input,
                         fmt::format("standard input is larger than {} MiB", limit / (1024 * 1024)));
    }
}

Result<std::string> read_line_of_standard_input() {
    std::string line;
    if (!std::getline(std::cin, line))
        return Error(ErrorKind::invalid_input, "nothing came on standard input");
    if (line.ends_with('\r'))
        line.pop_back();
    return line;
}

Result<std::string> ask_new_password() {
    const QuietTerminal terminal;
    if (!terminal.is_quiet())
        return Error(ErrorKind::invalid_input,
                     "there is no terminal to ask for a password; pass it with --password-stdin");
    auto password = terminal.ask("Password: ");
    if (terminal.ask("Once more: ") != password)
        return Error(ErrorKind::invalid_input, "the two passwords differ");
    return password;
}

}  // namespace calyptenora::cli
