#include "cli/control_socket.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/endian/conversion.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace calyptenora::cli {
namespace {

constexpr std::uint32_t max_frame = 64 * 1024 * 1024;
constexpr timeval peer_patience{10, 0};

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0)
            close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

/// A socket's address holds about 100 characters and a data folder's path may be longer, so the folder is
/// named by its descriptor.
sockaddr_un address_in(const Descriptor& folder) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = fmt::format("/proc/self/fd/{}/control.sock", folder.get());
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

bool read_exactly(int fd, char* into, std::size_t size) {
    while (size > 0) {
        const auto count = recv(fd, into, size, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        into += count;
        size -= static_cast<std::size_t>(count);
    }
    return true;
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::optional<boost::json::value> read_frame(int fd) {
    std::uint32_t size = 0;
    if (!read_exactly(fd, reinterpret_cast<char*>(&size), sizeof size))
        return std::nullopt;
    boost::endian::big_to_native_inplace(size);
    if (size > max_frame)
        return std::nullopt;
    std::string text(size, '\0');
    if (!read_exactly(fd, text.data(), text.size()))
        return std::nullopt;
    boost::json::error_code failure;
    auto value = boost::json::parse(text, failure);
    return failure ? std::nullopt : std::optional(std::move(value));
}

bool write_frame(int fd, const boost::json::value& value) {
    const auto text = boost::json::serialize(value);
    if (text.size() > max_frame)
        return false;
    const auto size = boost::endian::native_to_big(static_cast<std::uint32_t>(text.size()));
    return write_all(fd, {reinterpret_cast<const char*>(&size), sizeof size}) && write_all(fd, text);
}

boost::json::value to_answer(const Result<boost::json::value>& result) {
    if (result)
        return boost::json::object{{"result", *result}};
    const auto& error = result.error();
    return boost::json::object{
        {"error",
         {{"kind", boost::describe::enum_to_string(error.kind, "permanent")}, {"message", error.message}}}};
}

Result<boost::json::value> from_answer(const std::optional<boost::json::value>& answer) {
    const auto* object = answer ? answer->if_object() : nullptr;
    if (object)
        if (const auto* result = object->if_contains("result"))
            return *result;
    const auto* error = object ? object->if_contains("error") : nullptr;
    const auto* details = error ? error->if_object() : nullptr;
    const auto* kind = details ? details->if_contains("kind") : nullptr;
    const auto* message = details ? details->if_contains("message") : nullptr;
    auto error_kind = ErrorKind::temporary;
    if (!kind || !kind->is_string() || !message || !message->is_string() ||
        !boost::describe::enum_from_string(kind->get_string().c_str(), error_kind))
        return Error(ErrorKind::temporary,
                     "the running server went away before it had answered; its log may say "
                     "why. Whether the command took effect is not known");
    return Error(error_kind, std::string(message->get_string()));
}

bool is_permitted(int peer) {
    ucred who{};
    socklen_t size = sizeof who;
    return getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

Error cannot_listen(const std::filesystem::path& socket) {
    return Error(ErrorKind::invalid_config,
                 fmt::format("cannot listen for commands at {}: {}", socket.string(), std::strerror(errno)));
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::filesystem::path& data,
                                                            ControlHandler handler) {
    auto socket_path = data / "control.sock";
    const Descriptor folder(open(data.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    Descriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (folder.get() < 0 || listener.get() < 0)
        return cannot_listen(socket_path);
    unlinkat(folder.get(), "control.sock", 0);
    const auto address = address_in(folder);
    // The mode of a bound socket is taken from here, so that it is never wider, not even for a moment.
    if (fchmod(listener.get(), 0600) != 0 ||
        bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener.get(), 64) != 0)
        return cannot_listen(socket_path);
    Descriptor wake(eventfd(0, EFD_CLOEXEC));
    if (wake.get() < 0)
        return cannot_listen(socket_path);
    return std::unique_ptr<ControlServer>(
        new ControlServer(listener.release(), wake.release(), std::move(socket_path), std::move(handler)));
}

ControlServer::ControlServer(int listener, int wake, std::filesystem::path socket, ControlHandler handler)
    : listener_(listener),
      wake_(wake),
      socket_(std::move(socket)),
      handler_(std::move(handler)),
      thread_([this] { run(); }) {}

void ControlServer::stop() {
    if (!thread_.joinable())
        return;
    eventfd_write(wake_, 1);
    thread_.join();
    close(listener_);
    close(wake_);
    std::error_code ignored;
    std::filesystem::remove(socket_, ignored);
}

void ControlServer::run() {
    for (;;) {
        pollfd ready[] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            return;
        if (ready[1].revents)
            return;
        if (!(ready[0].revents & POLLIN))
            continue;
        const Descriptor peer(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
        if (peer.get() < 0 || !is_permitted(peer.get()))
            continue;
        setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &peer_patience, sizeof peer_patience);
        setsockopt(peer.get(), SOL_SOCKET, SO_SNDTIMEO, &peer_patience, sizeof peer_patience);
        answer(peer.get());
    }
}

void ControlServer::answer(int peer) const {
    const auto request = read_frame(peer);
    const auto* object = request ? request->if_object() : nullptr;
    const auto* command = object ? object->if_contains("command") : nullptr;
    const auto* arguments = object ? object->if_contains("arguments") : nullptr;
    if (!command || !command->is_string() || !arguments || !arguments->is_object())
        return;
    try {
        write_frame(peer, to_answer(handler_(std::string(command->get_string()), arguments->get_object())));
    } catch (const std::exception& error) {
        write_frame(peer, to_answer(Error(ErrorKind::permanent, error.what())));
    }
}

std::optional<Result<boost::json::value>> send_to_server(const std::filesystem::path& data,
                                                         const std::string& command,
                                                         const boost::json::object& arguments) {
    const Descriptor folder(open(data.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const Descriptor server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (folder.get() < 0 || server.get() < 0)
        return std::nullopt;
    const auto address = address_in(folder);
    if (connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == EACCES)
            return Error(
                ErrorKind::denied,
                fmt::format("the server of {} belongs to another user; run this command as that user",
                            data.string()));
        return std::nullopt;
    }
    if (!write_frame(server.get(), boost::json::object{{"command", command}, {"arguments", arguments}}))
        return from_answer(std::nullopt);
    return from_answer(read_frame(server.get()));
}

}  // namespace calyptenora::cli
