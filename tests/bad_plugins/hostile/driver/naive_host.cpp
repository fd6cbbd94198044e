#include "bad_plugins/hostile/driver/naive_host.hpp"

#include "bad_plugins/hostile/driver/descendants.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace calyptenora::hostile {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto time_to_start = 5s;
constexpr auto time_to_stop = 1s;

/// What keeps an attack from harming the machine. Between fork and exec: system calls only.
void limit_harm() {
    constexpr rlim_t mebibyte = 1024 * 1024;
    const std::pair<__rlimit_resource, rlim_t> limits[] = {
        {RLIMIT_AS, 2048 * mebibyte}, {RLIMIT_FSIZE, 1024 * mebibyte}, {RLIMIT_CORE, 256 * mebibyte},
        {RLIMIT_NPROC, 1024},         {RLIMIT_NOFILE, 1024},           {RLIMIT_CPU, 20}};
    for (const auto& [resource, most] : limits) {
        rlimit limit{};
        getrlimit(resource, &limit);
        limit.rlim_max = std::min(limit.rlim_max, most);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(resource, &limit);
    }
}

std::array<int, 2> socket_pair() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::runtime_error("no pair of sockets");
    return ends;
}

}  // namespace

NaiveHost::NaiveHost(std::filesystem::path plugins, pid_t group, std::string neighbour_settings)
    : plugins_(std::move(plugins)),
      group_(group),
      neighbour_settings_(std::move(neighbour_settings)),
      spared_(descendants()) {}

NaiveHost::~NaiveHost() {
    end_all_but(spared_);
    for (const int fd : {attack_.socket, neighbour_.socket, output_})
        if (fd >= 0)
            close(fd);
}

void NaiveHost::launch(const std::string& name) {
    const auto file = [&](const std::string& plugin) {
        return (plugins_ / plugin / (plugin + ".so")).string();
    };
    auto attack = file(name), neighbour = file("neighbour");
    auto program = std::string(CALYPTENORA_BINARY_DIR "/bin/hostile_bare");
    char* const arguments[] = {program.data(), attack.data(), neighbour.data(), nullptr};
    auto secret = std::string("CALYPTENORA_CANARY=") + getenv("CALYPTENORA_CANARY");
    char path[] = "PATH=/usr/bin:/bin";
    char* const environment[] = {secret.data(), path, nullptr};
    const auto first = socket_pair(), second = socket_pair();
    std::array<int, 2> output{};
    if (pipe2(output.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");

    const pid_t child = fork();
    if (child == 0) {
        setpgid(0, group_);
        limit_harm();
        // Out of the way of the numbers that they are to have.
        const int moved[] = {fcntl(first[1], F_DUPFD, 100), fcntl(second[1], F_DUPFD, 100)};
        dup2(output[1], 1);
        dup2(output[1], 2);
        dup2(moved[0], 3);
        dup2(moved[1], 5);
        close(moved[0]);
        close(moved[1]);
        execve(program.c_str(), arguments, environment);
        _exit(127);
    }
    for (const int fd : {first[1], second[1], output[1]})
        close(fd);
    attack_.socket = first[0];
    neighbour_.socket = second[0];
    output_ = output[0];
}

bool NaiveHost::start(const std::string& name, const std::string& settings, Purposes) {
    launch(name);
    send(neighbour_, worker::Create{neighbour_settings_});
    send(attack_, worker::Create{settings});
    listen_until([this] { return attack_.is_created || attack_.socket < 0; }, time_to_start);
    return attack_.is_created;
}

std::size_t NaiveHost::begin(Plugin plugin, std::string document, std::chrono::milliseconds deadline) {
    const auto id = (std::uint64_t(plugin == Plugin::neighbour ? 2 : 1) << 40) + calls_.size() + 1;
    send(plugin == Plugin::neighbour ? neighbour_ : attack_,
         worker::Invoke{id, "deliver", std::move(document), ""});
    calls_.push_back({id, deadline});
    return calls_.size() - 1;
}

bool NaiveHost::wait(std::size_t call) {
    const auto [id, deadline] = calls_[call];
    return listen_until([&] { return answers_.contains(id) || attack_.socket < 0; }, deadline + patience);
}

std::optional<std::string> NaiveHost::answer(std::size_t call) {
    listen_once(0);
    const auto found = answers_.find(calls_[call].id);
    return found == answers_.end() ? std::nullopt : std::optional(found->second);
}

void NaiveHost::stop() {
    if (said_to_be_ > 0)
        kill(said_to_be_, SIGUSR1);  // That is how this host asks a plugin to end.
    send(attack_, worker::Destroy{});
    listen_until([this] { return attack_.socket < 0; }, time_to_stop);
}

std::set<pid_t> NaiveHost::processes() const {
    auto found = descendants();
    std::erase_if(found, [this](pid_t process) { return spared_.contains(process); });
    return found;
}

std::string NaiveHost::log() {
    listen_once(0);
    return log_;
}

void NaiveHost::send(Connection& to, const worker::HostFrame& frame) {
    std::string bytes;
    write_frame(bytes, frame);
    ::send(to.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

bool NaiveHost::listen_until(const std::function<bool()>& condition, std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    while (!condition() && Clock::now() < end)
        listen_once(20);
    return condition();
}

void NaiveHost::listen_once(int milliseconds) {
    std::array<pollfd, 3> all{pollfd{attack_.socket, POLLIN, 0}, pollfd{neighbour_.socket, POLLIN, 0},
                              pollfd{output_, POLLIN, 0}};
    while (poll(all.data(), all.size(), milliseconds) > 0) {
        if (all[0].revents)
            take(attack_);
        if (all[1].revents)
            take(neighbour_);
        if (all[2].revents) {
            std::array<char, 65536> bytes;
            const auto count = read(output_, bytes.data(), bytes.size());
            if (count > 0)
                log_.append(bytes.data(), static_cast<std::size_t>(count));
            else
                close(output_), output_ = -1;
        }
        all[0].fd = attack_.socket;
        all[1].fd = neighbour_.socket;
        all[2].fd = output_;
        milliseconds = 0;
    }
}

void NaiveHost::take(Connection& from) {
    std::array<char, 65536> bytes;
    std::array<char, 1024> control;  // Descriptors are welcome.
    iovec into{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &into;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto count = recvmsg(from.socket, &message, 0);
    if (count <= 0) {
        close(from.socket);
        from.socket = -1;
        return;
    }
    from.in.append(bytes.data(), static_cast<std::size_t>(count));
    std::string_view rest = from.in;
    while (rest.size() >= worker::header_bytes) {
        std::uint32_t size = 0;
        std::memcpy(&size, rest.data(), sizeof size);
        if (rest.size() - worker::header_bytes < size)
            break;
        believe(from, {static_cast<std::uint8_t>(rest[5]), rest.substr(worker::header_bytes, size)});
        rest.remove_prefix(worker::header_bytes + size);
    }
    from.in.erase(0, from.in.size() - rest.size());
}

void NaiveHost::believe(Connection& from, const worker::RawFrame& raw) {
    const auto frame = parse_worker_frame(raw);
    if (!frame)
        return;  // Something new, perhaps; it will do no harm.
    if (const auto* complete = std::get_if<worker::Complete>(&*frame))
        answers_[complete->call] = complete->payload;
    else if (const auto* request = std::get_if<worker::Request>(&*frame))
        (request->service == "log" ? log_ : sent_) += request->payload;
    else if (const auto* born = std::get_if<worker::Born>(&*frame))
        said_to_be_ = static_cast<pid_t>(born->pid);
    else if (std::holds_alternative<worker::Created>(*frame))
        from.is_created = true;
}

}  // namespace calyptenora::hostile
