#include "http/admission.hpp"

namespace calyptenora::http {

Admission::Door Admission::enter(const std::string& client) {
    std::lock_guard lock(mutex_);
    if (connections_ >= limits_.max_connections + limits_.reserved_connections) {
        return Door::shut;
    }
    if (!client.empty()) {
        auto& count = per_client_[client];
        if (count >= limits_.max_connections_per_client) {
            return Door::shut;
        }
        ++count;
    }
    return ++connections_ > limits_.max_connections ? Door::essential_only : Door::open;
}

void Admission::leave(const std::string& client) {
    std::lock_guard lock(mutex_);
    --connections_;
    if (auto found = per_client_.find(client); found != per_client_.end() && --found->second == 0) {
        per_client_.erase(found);
    }
}

bool Admission::begin_request(Priority priority) {
    std::lock_guard lock(mutex_);
    auto limit = limits_.max_requests + (priority == Priority::essential ? limits_.reserved_requests : 0);
    if (requests_ >= limit) {
        return false;
    }
    ++requests_;
    return true;
}

void Admission::end_request() {
    std::lock_guard lock(mutex_);
    --requests_;
}

std::size_t Admission::connections() const {
    std::lock_guard lock(mutex_);
    return connections_;
}

}  // namespace calyptenora::http
