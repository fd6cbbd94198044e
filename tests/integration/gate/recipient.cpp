#include "integration/gate/recipient.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

namespace calyptenora::gate {
namespace {

sockaddr_un address_of(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.native().size() >= sizeof address.sun_path)
        throw std::runtime_error("the path of the socket is too long");
    std::strcpy(address.sun_path, socket.c_str());
    return address;
}

void check(bool succeeded, const char* what) {
    if (!succeeded)
        throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Recipient::Recipient(const std::filesystem::path& socket)
    : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const auto address = address_of(socket);
    check(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
    check(::listen(listener_, 128) == 0, "listen");
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

Recipient::~Recipient() {
    thread_.request_stop();
    thread_.join();
    for (const int connection : connections_)
        ::close(connection);
    ::close(listener_);
}

void Recipient::serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            take_what_is_there();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void Recipient::take_what_is_there() {
    for (int connection; (connection = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;)
        connections_.insert(connection);
    for (auto next = connections_.begin(); next != connections_.end();) {
        std::uint32_t subject = 0;
        const auto size = ::recv(*next, &subject, sizeof subject, 0);
        if (size < 0) {
            ++next;
            continue;
        }
        if (size == sizeof subject) {
            ++received_[subject];
            if (closed_.contains(subject))
                violations_.push_back(subject);
        }
        ::close(*next);
        next = connections_.erase(next);
    }
}

void Recipient::close_for(std::uint32_t subject) {
    const std::lock_guard lock(mutex_);
    take_what_is_there();
    closed_.insert(subject);
}

int Recipient::count(std::uint32_t subject) {
    const std::lock_guard lock(mutex_);
    take_what_is_there();
    return received_[subject];
}

int Recipient::total() {
    const std::lock_guard lock(mutex_);
    take_what_is_there();
    int total = 0;
    for (const auto& [subject, times] : received_)
        total += times;
    return total;
}

std::vector<std::uint32_t> Recipient::violations() {
    const std::lock_guard lock(mutex_);
    take_what_is_there();
    return violations_;
}

Recipient::Connection::Connection(const std::filesystem::path& socket)
    : file_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = address_of(socket);
    check(::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
}

Recipient::Connection::~Connection() {
    ::close(file_);
}

void Recipient::Connection::write_first_byte(std::uint32_t subject) {
    check(::send(file_, &subject, sizeof subject, MSG_NOSIGNAL) == sizeof subject, "send");
}

}  // namespace calyptenora::gate
