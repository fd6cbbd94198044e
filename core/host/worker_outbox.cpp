#include "host/worker_outbox.hpp"

#include "settings/secret.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace calyptenora::host {
namespace {

constexpr std::size_t most_unwritten_bytes = 256 * 1024;

/// Appends without leaving behind, unwiped, what the text was moved from.
void append_wiping(std::string& text, const std::string& more) {
    if (text.capacity() - text.size() < more.size()) {
        std::string larger;
        larger.reserve(2 * text.capacity() + more.size());
        larger.append(text);
        settings::wipe(text);
        text.swap(larger);
    }
    text.append(more);
}

}  // namespace

WorkerOutbox::~WorkerOutbox() {
    for (auto& waiting : queue_)
        settings::wipe(waiting.frame);
    settings::wipe(out_);
}

void WorkerOutbox::push(const worker::HostFrame& frame, Entry entry, Time now) {
    Waiting waiting{{}, entry};
    worker::write_frame(waiting.frame, frame);
    queue_.push_back(std::move(waiting));
    fill(now);
}

bool WorkerOutbox::take_back(WireCall call) {
    const auto found = std::ranges::find_if(queue_, [&](const Waiting& waiting) {
        return waiting.entry.function == Function::invoke && waiting.entry.call == call;
    });
    if (found == queue_.end())
        return false;
    settings::wipe(found->frame);
    queue_.erase(found);
    return true;
}

void WorkerOutbox::take_back_all() {
    std::erase_if(queue_, [](Waiting& waiting) {
        const bool takes = waiting.entry.function == Function::invoke;
        if (takes)
            settings::wipe(waiting.frame);
        return takes;
    });
}

bool WorkerOutbox::returned(std::uint64_t entries, Time now) {
    if (entries < returned_ || entries - returned_ > given_.size())
        return false;
    if (entries == returned_)
        return true;
    given_.erase(given_.begin(), given_.begin() + static_cast<std::ptrdiff_t>(entries - returned_));
    returned_ = entries;
    begin_front(now);
    fill(now);
    return true;
}

void WorkerOutbox::fill(Time now) {
    while (!queue_.empty() && given_.size() < window && out_.size() - written_ < most_unwritten_bytes) {
        auto& next = queue_.front();
        append_wiping(out_, next.frame);
        settings::wipe(next.frame);
        const auto entry = next.entry;
        queue_.pop_front();
        if (entry.function == Function::none)
            continue;
        given_.push_back(entry);
        if (given_.size() == 1)
            begin_front(now);
    }
}

void WorkerOutbox::begin_front(Time now) {
    if (given_.empty())
        return;
    auto& front = given_.front();
    front.limit = std::max(front.limit, now);
    if (front.function == Function::invoke)
        begins_(front.call);
}

bool WorkerOutbox::write(int socket) {
    while (written_ < out_.size()) {
        const auto count =
            ::send(socket, out_.data() + written_, out_.size() - written_, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return false;
        if (count < 0)
            break;
        written_ += static_cast<std::size_t>(count);
        if (written_ == out_.size()) {
            settings::wipe(out_);
            written_ = 0;
            fill(std::chrono::steady_clock::now());
        }
    }
    return true;
}

std::string_view name_of(WorkerOutbox::Function function) {
    static constexpr std::string_view names[] = {"create", "invoke", "reply", "cancel", "destroy"};
    return names[static_cast<std::size_t>(function)];
}

}  // namespace calyptenora::host
