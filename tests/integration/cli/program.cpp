#include "integration/cli/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace calyptenora::cli::test {
namespace {

constexpr std::chrono::seconds start_limit{60};

/// In a child: becomes the program. A session of its own, so that there is no terminal to ask.
[[noreturn]] void become_program(const std::vector<std::string>& words) {
    setsid();
    std::vector<std::string> all{std::string(CALYPTENORA_BINARY_DIR) + "/bin/calyptenora"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> pointers;
    for (auto& word : all)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    _exit(127);
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

int wait_for(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Outcome run_program(const std::vector<std::string>& words, const std::string& input) {
    std::string pattern = std::filesystem::temp_directory_path() / "calyptenora-run-XXXXXX";
    const std::filesystem::path folder = mkdtemp(pattern.data());
    std::ofstream(folder / "in", std::ios::binary) << input;
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(open((folder / "in").c_str(), O_RDONLY), STDIN_FILENO);
        dup2(open((folder / "out").c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
        dup2(open((folder / "err").c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
        become_program(words);
    }
    Outcome outcome;
    outcome.code = wait_for(pid);
    outcome.out = read_file(folder / "out");
    outcome.err = read_file(folder / "err");
    std::filesystem::remove_all(folder);
    return outcome;
}

Place::Place() {
    std::string pattern = std::filesystem::temp_directory_path() / "calyptenora-place-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    write("calyptenora.yaml",
          "platform: {name: Lernhaus, origin: 'http://localhost:8080'}\n"
          "operator: {legal_name: Lernhaus e. V., address: Weg 1, country: DE, email: a@lms.example}\n"
          "plugins:\n"
          "  auth/password: {recipient: {self: true}}\n"
          "  payments/sepa:\n"
          "    recipient: {self: true}\n"
          "    settings: {payee_name: Lernhaus, iban: DE02 1203 0000 0000 2020 51, reference_mask: "
          "CA-@@@@@@@@}\n"
          "  support/mail:\n"
          "    recipient: {self: true}\n"
          "    settings:\n"
          "      smtp_server: smtp.example:587\n"
          "      from: a@lms.example\n"
          "      support_address: b@lms.example\n"
          "      alias_domain: cases.lms.example\n"
          "      alias_keys: ['${file:alias.key}']\n");
    write("alias.key", std::string(64, 'a'));
    std::filesystem::permissions(folder_ / "alias.key", std::filesystem::perms::owner_read);
}

Place::~Place() {
    std::filesystem::remove_all(folder_);
}

void Place::write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
}

Outcome Place::run(std::vector<std::string> words, const std::string& input) const {
    words.insert(words.end(), {"--config", config().string(), "--data", data().string()});
    return run_program(words, input);
}

Outcome Place::add_user(const std::string& email, std::vector<std::string> more) const {
    std::vector<std::string> words{"user", "add", "--email", email, "--name", "Ada", "--password-stdin"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, "seventeen brown owls sing\n");
}

RunningServer::RunningServer(const Place& place, const std::vector<std::string>& more) {
    int ends[2];
    if (pipe(ends) != 0)
        return;
    pid_ = fork();
    if (pid_ == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        std::vector<std::string> words{
            "serve", "--port", "0", "--config", place.config().string(), "--data", place.data().string()};
        words.insert(words.end(), more.begin(), more.end());
        become_program(words);
    }
    close(ends[1]);
    pipe_ = ends[0];
    const auto give_up = std::chrono::steady_clock::now() + start_limit;
    while (!is_open_ && std::chrono::steady_clock::now() < give_up) {
        pollfd ready{pipe_, POLLIN, 0};
        char buffer[4096];
        if (poll(&ready, 1, 200) != 1)
            continue;
        const auto size = read(pipe_, buffer, sizeof buffer);
        if (size <= 0)
            return;
        output_.append(buffer, static_cast<std::size_t>(size));
        is_open_ = output_.find(" is open at http") != std::string::npos;
    }
}

std::uint16_t RunningServer::port() const {
    static constexpr std::string_view before = "://localhost:";
    const auto from = output_.find(before);
    return from == std::string::npos
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(std::stoi(output_.substr(from + before.size())));
}

std::string RunningServer::read_more() const {
    std::string more;
    char buffer[4096];
    for (pollfd ready{pipe_, POLLIN, 0}; poll(&ready, 1, 200) == 1;) {
        const auto size = read(pipe_, buffer, sizeof buffer);
        if (size <= 0)
            break;
        more.append(buffer, static_cast<std::size_t>(size));
    }
    return more;
}

RunningServer::~RunningServer() {
    if (pid_ > 0) {
        kill(pid_, SIGTERM);
        wait_for(pid_);
    }
    if (pipe_ >= 0)
        close(pipe_);
}

}  // namespace calyptenora::cli::test
