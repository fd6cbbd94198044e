#include "host/worker_outbox.hpp"

#include "settings/secret.hpp"

#include <unistd.h>

#include <algorithm>

namespace calyptenora::host {
namespace {

constexpr std::size_t most_unwritten_bytes = 256 * 1024;

/// Makes room without leaving behind, unwiped, what the text was moved from.
void reserve_wiping(std::string& text, std::size_t more) {
    if (text.capacity() - text.size() >= more)
        return;
    std::string larger;
    larger.reserve(2 * text.capacity() + more);
    larger.append(text);
    settings::wipe(text);
    text.swap(larger);
}

}  // namespace

WorkerOutbox::~WorkerOutbox() {
    for (auto& waiting : queue_)
        settings::wipe(waiting.frame);
    settings::wipe(out_);
}

void WorkerOutbox::push(const worker::HostFrame& frame, Entry entry, Time now) {
    if (queue_.empty() && has_room()) {
        reserve_wiping(out_, worker::header_bytes + worker::body_size(frame));
        worker::write_frame(out_, frame);
        give(entry, now);
        return;
    }
    Waiting waiting{{}, entry};
    worker::write_frame(waiting.frame, frame);
    queue_.push_back(std::move(waiting));
}

bool WorkerOutbox::has_room() const {
    return given_.size() < window && out_.size() - written_ < most_unwritten_bytes;
}

void WorkerOutbox::give(Entry entry, Time now) {
    if (entry.function == Function::none)
        return;
    given_.push_back(entry);
    if (given_.size() == 1)
        begin_front(now);
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
    while (!queue_.empty() && has_room()) {
        auto& next = queue_.front();
        reserve_wiping(out_, next.frame.size());
        out_.append(next.frame);
        settings::wipe(next.frame);
        const auto entry = next.entry;
        queue_.pop_front();
        give(entry, now);
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

bool WorkerOutbox::write(int pipe) {
    while (written_ < out_.size()) {
        const auto count = ::write(pipe, out_.data() + written_, out_.size() - written_);
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
