#include "support/postgres.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace calyptenora::test {
namespace {

namespace fs = std::filesystem;

/// What the keeper tells when the server is up; a failure stands in the file `failure`.
struct Ready {
    pid_t server;
};

fs::path find_binaries() {
    std::vector<fs::path> found;
    std::error_code none;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none))
        if (fs::exists(version.path() / "bin/initdb"))
            found.push_back(version.path() / "bin");
    if (found.empty())
        throw std::runtime_error("PostgreSQL is not installed: apt-get install postgresql-15");
    return *std::max_element(found.begin(), found.end());
}

int find_free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(socket);
    if (!bound)
        throw std::runtime_error("no free port on loopback");
    return ntohs(address.sin_port);
}

/// PostgreSQL refuses to run as root.
void become(const passwd* account, const fs::path& log) {
    if (account &&
        (::setgroups(0, nullptr) != 0 || ::setgid(account->pw_gid) != 0 || ::setuid(account->pw_uid) != 0))
        ::_exit(126);
    // After setuid, which clears it. Should the keeper be killed, the server goes too.
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::close_range(3, ~0U, 0);
}

pid_t spawn(const std::vector<std::string>& words, const passwd* account, const fs::path& log) {
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    become(account, log);
    std::vector<char*> arguments;
    for (const auto& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::chdir("/");
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

std::string socket_url(const fs::path& folder, int port, std::string_view database) {
    return fmt::format("postgresql://postgres@/{}?host={}&port={}", database, folder.string(), port);
}

/// Runs in a process of its own: makes the cluster, starts the server, waits until the test program closes
/// its end of the lifeline (or dies), stops the server, removes everything.
[[noreturn]] void keep(const fs::path& folder, const fs::path& binaries, int port, const passwd* account,
                       int lifeline, int report) {
    ::setsid();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        ::signal(signal, SIG_IGN);
    const auto data = (folder / "data").string();
    const auto log = folder / "log";
    const pid_t init = spawn({binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                              "--locale=C.UTF-8", "--no-instructions", "--no-sync"},
                             account, log);
    int status = 0;
    ::waitpid(init, &status, 0);
    pid_t server = -1;
    if (status == 0) {
        server = spawn({binaries / "postgres",
                        "-D",
                        data,
                        "-c",
                        "fsync=on",
                        "-c",
                        "synchronous_commit=on",
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        fmt::format("port={}", port),
                        "-c",
                        fmt::format("unix_socket_directories={}", folder.string()),
                        "-c",
                        "shared_buffers=32MB",
                        "-c",
                        "max_connections=60",
                        "-c",
                        "log_min_messages=warning",
                        "-c",
                        "log_checkpoints=off"},
                       account, log);
        for (int i = 0; i < 600; ++i) {
            if (PQping(socket_url(folder, port, "postgres").c_str()) == PQPING_OK) {
                const Ready ready{server};
                (void)!::write(report, &ready, sizeof(ready));
                break;
            }
            if (::waitpid(server, &status, WNOHANG) == server) {
                server = -1;
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }
    ::close(report);
    char nothing = 0;
    while (::read(lifeline, &nothing, 1) < 0 && errno == EINTR) {
    }
    if (server > 0) {
        ::kill(server, SIGQUIT);
        ::waitpid(server, &status, 0);
    }
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    ::_exit(0);
}

}  // namespace

Postgres& Postgres::instance() {
    static Postgres server;
    return server;
}

Postgres::Postgres() {
    const auto binaries = find_binaries();
    const passwd* account = nullptr;
    if (::geteuid() == 0) {
        account = ::getpwnam("postgres");
        if (!account)
            account = ::getpwnam("nobody");
    }
    // Under /tmp whatever TMPDIR says: the path of a Unix socket has at most 107 characters.
    std::string name = "/tmp/calyptenora-postgres-XXXXXX";
    if (!::mkdtemp(name.data()))
        throw std::runtime_error("cannot make a folder under /tmp");
    folder_ = name;
    if (account && ::chown(name.c_str(), account->pw_uid, account->pw_gid) != 0)
        throw std::runtime_error("cannot give the folder to " + std::string(account->pw_name));
    port_ = find_free_port();

    std::array<int, 2> lifeline{}, report{};
    if (::pipe2(lifeline.data(), O_CLOEXEC) != 0 || ::pipe2(report.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipes left");
    keeper_ = ::fork();
    if (keeper_ == 0) {
        ::close(lifeline[1]);
        ::close(report[0]);
        keep(folder_, binaries, port_, account, lifeline[0], report[1]);
    }
    ::close(lifeline[0]);
    ::close(report[1]);
    lifeline_ = lifeline[1];
    Ready ready{};
    const bool up = ::read(report[0], &ready, sizeof(ready)) == sizeof(ready);
    ::close(report[0]);
    if (!up) {
        std::ostringstream log;
        log << std::ifstream(folder_ / "log").rdbuf();
        ::close(lifeline_);
        ::waitpid(keeper_, nullptr, 0);
        throw std::runtime_error("PostgreSQL did not start:\n" + log.str());
    }
    server_ = ready.server;
}

Postgres::~Postgres() {
    ::close(lifeline_);
    ::waitpid(keeper_, nullptr, 0);
}

std::string Postgres::create_database() {
    const auto name = fmt::format("test_{}_{}", ::getpid(), ++databases_);
    PGconn* connection = PQconnectdb(socket_url(folder_, port_, "postgres").c_str());
    PGresult* result = PQexec(connection, fmt::format("create database {}", name).c_str());
    const bool created = PQresultStatus(result) == PGRES_COMMAND_OK;
    const std::string message = PQerrorMessage(connection);
    PQclear(result);
    PQfinish(connection);
    if (!created)
        throw std::runtime_error("cannot create a database: " + message);
    return socket_url(folder_, port_, name);
}

std::string Postgres::tcp_url(const std::string& url) const {
    const auto begin = url.find("@/") + 2;
    return fmt::format("postgresql://postgres@127.0.0.1:{}/{}", port_,
                       url.substr(begin, url.find('?') - begin));
}

}  // namespace calyptenora::test
