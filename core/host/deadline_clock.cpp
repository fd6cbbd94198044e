#include "host/deadline_clock.hpp"

#include <utility>

namespace calyptenora::host {

DeadlineClock::DeadlineClock() : thread_([this] { run(); }) {}

DeadlineClock::~DeadlineClock() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

DeadlineClock::Ticket DeadlineClock::at(Time time, std::function<void()> expire) {
    const std::lock_guard lock(mutex_);
    const auto ticket = ++last_ticket_;
    times_.emplace(ticket, time);
    const auto added = pending_.emplace(std::pair(time, ticket), std::move(expire)).first;
    if (added == pending_.begin())
        changed_.notify_one();
    return ticket;
}

void DeadlineClock::forget(Ticket ticket) {
    std::function<void()> dropped;  // Destroyed outside of the lock.
    const std::lock_guard lock(mutex_);
    const auto found = times_.find(ticket);
    if (found == times_.end())
        return;
    const auto entry = pending_.find({found->second, ticket});
    dropped = std::move(entry->second);
    pending_.erase(entry);
    times_.erase(found);
}

void DeadlineClock::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (pending_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto first = pending_.begin();
        const auto time = first->first.first;
        if (std::chrono::steady_clock::now() < time) {
            changed_.wait_until(lock, time);
            continue;
        }
        const auto expire = std::move(first->second);
        times_.erase(first->first.second);
        pending_.erase(first);
        lock.unlock();
        expire();
        lock.lock();
    }
}

}  // namespace calyptenora::host
