#include "host/cancellations.hpp"

#include <algorithm>

namespace calyptenora::host {

std::uint64_t Cancellations::begun() const {
    const std::lock_guard lock(mutex_);
    return begun_;
}

void Cancellations::begin(const storage::SubjectId& subject, const settings::InstanceId& instance,
                          Purpose purpose) {
    const std::lock_guard lock(mutex_);
    if (newest_.size() >= most_remembered) {
        newest_.clear();
        forgotten_ = begun_;
    }
    newest_[{subject, instance, purpose}] = ++begun_;
}

bool Cancellations::concern(const gate::CallScope& scope) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(scope.records, [&](const auto& record) {
        const auto newest = newest_.find({record.subject, scope.instance, scope.purpose});
        return scope.decided_at < (newest == newest_.end() ? forgotten_ : newest->second);
    });
}

}  // namespace calyptenora::host
