#include "host/supervision.hpp"

namespace calyptenora::host {

std::optional<std::chrono::milliseconds> Strikes::strike(Loss loss, Time now, const RestartRules& rules) {
    while (!strikes_.empty() && now - strikes_.front() > rules.window)
        strikes_.pop_front();
    strikes_.push_back(now);
    if (loss == Loss::broke_rules || strikes_.size() >= rules.strikes)
        return std::nullopt;
    auto wait = rules.first_wait;
    for (std::size_t i = 1; i < strikes_.size(); ++i)
        wait *= 10;
    return wait;
}

}  // namespace calyptenora::host
