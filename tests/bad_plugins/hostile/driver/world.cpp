#include "bad_plugins/hostile/driver/world.hpp"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace calyptenora::hostile {

namespace fs = std::filesystem;

namespace {

volatile std::sig_atomic_t own_signals = 0;

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int checked(int result, const char* what) {
    if (result < 0)
        fail(what);
    return result;
}

std::string random_text() {
    static std::random_device random;
    char text[17];
    std::snprintf(text, sizeof text, "%08x%08x", random(), random());
    return text;
}

fs::path make_scratch() {
    auto name = (fs::temp_directory_path() / "hostile-XXXXXX").string();
    if (!mkdtemp(name.data()))
        fail(name);
    return name;
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::uint16_t bind_to_loopback(int fd) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    checked(bind(fd, reinterpret_cast<const sockaddr*>(&address), size), "bind");
    checked(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    return ntohs(address.sin_port);
}

int bound_unix_socket(int type, const std::string& name, bool is_abstract) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + is_abstract, sizeof address.sun_path - 2);
    const auto size = offsetof(sockaddr_un, sun_path) + is_abstract + name.size();
    const int fd = checked(socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    checked(bind(fd, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)), "bind");
    return fd;
}

void append_available(int fd, std::string& all) {
    char bytes[4096];
    for (ssize_t count; (count = read(fd, bytes, sizeof bytes)) > 0;)
        all.append(bytes, static_cast<std::size_t>(count));
}

}  // namespace

World::World() : scratch_(make_scratch()), canary_("canary-" + random_text()) {
    for (const auto* place :
         {"database", "key", "environment", "datum", "password", "spool", "host_name", "api_key", "learner"})
        secrets_[place] = std::string(place) + "-" + random_text();
    ipc_key_ = static_cast<int>(std::random_device()() | 1);
    fs::create_directories(data_);
    fs::create_directories(spool_);
    fs::current_path(scratch_);
    std::ofstream(scratch_ / "state") << std::string(sizeof(StandInState), '\0');
    const int state = checked(open((scratch_ / "state").c_str(), O_RDWR | O_CLOEXEC), "state");
    state_ = static_cast<StandInState*>(
        mmap(nullptr, sizeof *state_, PROT_READ | PROT_WRITE, MAP_SHARED, state, 0));
    close(state);
    if (state_ == MAP_FAILED)
        fail("mmap");
    setenv("CALYPTENORA_CANARY", secret("environment").c_str(), 1);
    struct sigaction count{};
    count.sa_handler = [](int) { own_signals = own_signals + 1; };
    count.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &count, nullptr);
    listen();
    open_terminal();
    reset({});
    checked(open(data_.c_str(), O_RDONLY | O_DIRECTORY), "data");  // Inherited: no O_CLOEXEC.
}

World::~World() {
    end_stand_in();
    remove_traces();
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
}

void World::listen() {
    const int tcp = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    const int udp = checked(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    const int free = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    tcp_port_ = bind_to_loopback(tcp);
    udp_port_ = bind_to_loopback(udp);
    back_door_ = bind_to_loopback(free);
    close(free);
    listeners_["tcp"] = tcp;
    listeners_["udp"] = udp;
    listeners_["unix"] = bound_unix_socket(SOCK_STREAM, (scratch_ / "service.socket").string(), false);
    listeners_["abstract"] = bound_unix_socket(SOCK_STREAM, "service-" + canary_, true);
    listeners_["datagram"] = bound_unix_socket(SOCK_DGRAM, "datagrams-" + canary_, true);
    for (const auto* way : {"tcp", "unix", "abstract"})
        checked(::listen(listeners_[way], 16), "listen");
}

void World::open_terminal() {
    const int terminal = checked(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), "openpt");
    if (grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        fail("terminal");
    const int other_end = checked(open(ptsname(terminal), O_RDWR | O_CLOEXEC), ptsname(terminal));
    checked(ioctl(other_end, TIOCSCTTY, 0), "the test's main() must have begun a session of its own");
    listeners_["terminal"] = terminal;
}

void World::reset(const fs::path& plugin_file) {
    end_stand_in();
    remove_traces();
    plugin_file_ = plugin_file;
    fs::remove(database());
    fs::remove(master_key());
    std::ofstream(database()) << database_content();
    std::ofstream(master_key()) << secret("key");
    if (inherited_ >= 0)
        close(inherited_);
    inherited_ = checked(open(database().c_str(), O_RDONLY), "database");  // No O_CLOEXEC here, either.
    fs::permissions(master_key(), fs::perms::owner_read | fs::perms::owner_write);
    own_signals = 0;
    for (const auto& [way, listener] : listeners_)
        received(way);
    forget_received();
    start_stand_in();
}

void World::remove_traces() {
    std::error_code ignored;
    fs::remove(left_behind(), ignored);
    for (const auto& entry : fs::directory_iterator(scratch_, ignored))
        if (entry.path().filename().string().starts_with("core"))
            fs::remove(entry.path(), ignored);
    shmctl(shmget(ipc_key_, 0, 0), IPC_RMID, nullptr);
    msgctl(msgget(ipc_key_, 0), IPC_RMID, nullptr);
    semctl(semget(ipc_key_, 0, 0), 0, IPC_RMID);
    mq_unlink(queue_name().c_str());
    if (const auto key =
            syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", key_name().c_str(), 0);
        key > 0)
        syscall(SYS_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING);
}

void World::start_stand_in() {
    *state_ = StandInState{};
    const auto program = std::string(CALYPTENORA_BINARY_DIR "/bin/hostile_stand_in");
    std::string texts[] = {program,
                           (scratch_ / "state").string(),
                           database().string(),
                           spool_.string(),
                           secret("datum"),
                           secret("spool"),
                           secret("host_name"),
                           "--password=" + secret("password")};
    char* arguments[std::size(texts) + 1] = {};
    for (std::size_t i = 0; i < std::size(texts); ++i)
        arguments[i] = texts[i].data();
    auto variable = "CALYPTENORA_CANARY=" + secret("environment");
    char* environment[] = {variable.data(), nullptr};
    if (const int wrong = posix_spawn(&stand_in_, program.c_str(), nullptr, nullptr, arguments, environment))
        throw std::system_error(wrong, std::generic_category(), program);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!state_->is_ready) {
        if (std::chrono::steady_clock::now() > until || waitpid(stand_in_, nullptr, WNOHANG) == stand_in_)
            throw std::runtime_error("the stand-in for the host does not come up");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void World::end_stand_in() {
    if (stand_in_ > 0) {
        kill(stand_in_, SIGKILL);
        waitpid(stand_in_, nullptr, 0);
    }
    stand_in_ = -1;
}

std::string World::settings() const {
    const std::map<std::string, std::string> targets{{"database", database().string()},
                                                     {"master_key", master_key().string()},
                                                     {"data", data_.string()},
                                                     {"scratch", scratch_.string()},
                                                     {"spool", spool_.string()},
                                                     {"plugin_file", plugin_file_.string()},
                                                     {"host_pid", std::to_string(stand_in_)},
                                                     {"host_datum", std::to_string(state_->datum)},
                                                     {"host_descriptor", std::to_string(state_->database)},
                                                     {"tcp_port", std::to_string(tcp_port_)},
                                                     {"udp_port", std::to_string(udp_port_)},
                                                     {"back_door", std::to_string(back_door_)},
                                                     {"unix_path", (scratch_ / "service.socket").string()},
                                                     {"abstract_name", "service-" + canary_},
                                                     {"abstract_datagram_name", "datagrams-" + canary_},
                                                     {"ipc_key", std::to_string(ipc_key_)},
                                                     {"key_name", key_name()},
                                                     {"queue_name", queue_name()},
                                                     {"canary", canary_}};
    std::string json = "{";
    for (const auto& [name, value] : targets)
        json += (json.size() > 1 ? ",\"" : "\"") + name + "\":\"" + value + "\"";
    return json + "}";
}

const std::string& World::received(std::string_view way) {
    auto& all = received_[std::string(way)];
    const int listener = listeners_.find(way)->second;
    if (way == "udp" || way == "datagram" || way == "terminal") {
        append_available(listener, all);
        return all;
    }
    for (int peer; (peer = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; close(peer)) {
        const timeval soon{1, 0};
        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
        char bytes[256];
        if (const auto count = read(peer, bytes, sizeof bytes); count > 0)
            all.append(bytes, static_cast<std::size_t>(count));
    }
    return all;
}

std::string World::datum() const {
    std::string bytes(secret("datum").size(), '\0');
    const iovec here{bytes.data(), bytes.size()};
    const iovec there{reinterpret_cast<void*>(state_->datum), bytes.size()};
    if (process_vm_readv(stand_in_, &here, 1, &there, 1, 0) != static_cast<ssize_t>(bytes.size()))
        fail("the stand-in's memory");
    return bytes;
}

int World::signals() const {
    return state_->signals + own_signals;
}

}  // namespace calyptenora::hostile
