#include "host/live_calls.hpp"

#include <algorithm>

namespace calyptenora::host {

void LiveCalls::add(std::shared_ptr<const LiveCall> call) {
    const std::lock_guard lock(mutex_);
    for (const auto& record : call->scope.records)
        if (subjects_.size() < most_remembered)
            subjects_.insert(record.subject);
    calls_[call->call] = std::move(call);
}

void LiveCalls::remove(WireCall call) {
    const std::lock_guard lock(mutex_);
    calls_.erase(call);
}

std::shared_ptr<const LiveCall> LiveCalls::find(WireCall call) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(call);
    return found == calls_.end() ? nullptr : found->second;
}

std::vector<WireCall> LiveCalls::about(const storage::SubjectId& subject) const {
    const std::lock_guard lock(mutex_);
    std::vector<WireCall> found;
    for (const auto& [id, call] : calls_)
        if (std::ranges::any_of(call->scope.records,
                                [&](const auto& record) { return record.subject == subject; }))
            found.push_back(id);
    return found;
}

bool LiveCalls::have_been_about(const storage::SubjectId& subject) const {
    const std::lock_guard lock(mutex_);
    return subjects_.size() == most_remembered || subjects_.contains(subject);
}

}  // namespace calyptenora::host
