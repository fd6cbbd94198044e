#include "http/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace calyptenora::http {

RateLimiter::RateLimiter(Options options) : options_(options) {
    options_.burst = std::max(options_.burst, 1.0);
    options_.max_keys = std::max<std::size_t>(options_.max_keys, 1);
}

std::optional<std::chrono::seconds> RateLimiter::take(std::string_view key, Clock::time_point now) {
    std::lock_guard lock(mutex_);
    auto found = index_.find(key);
    if (found == index_.end()) {
        if (buckets_.size() >= options_.max_keys) {
            index_.erase(buckets_.back().key);
            buckets_.pop_back();
        }
        buckets_.push_front(Bucket{.key = std::string(key), .tokens = options_.burst, .filled_at = now});
        found = index_.emplace(buckets_.front().key, buckets_.begin()).first;
    } else {
        buckets_.splice(buckets_.begin(), buckets_, found->second);
    }
    auto& bucket = buckets_.front();
    auto elapsed = std::max(std::chrono::duration<double>(now - bucket.filled_at).count(), 0.0);
    bucket.tokens = std::min(options_.burst, bucket.tokens + elapsed * options_.tokens_per_second);
    bucket.filled_at = std::max(bucket.filled_at, now);
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return std::nullopt;
    }
    auto wait = std::ceil((1 - bucket.tokens) / std::max(options_.tokens_per_second, 1e-6));
    return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(wait)));
}

std::size_t RateLimiter::known_keys() const {
    std::lock_guard lock(mutex_);
    return buckets_.size();
}

std::string rate_key(const boost::asio::ip::address& address) {
    if (address.is_v4()) {
        return address.to_string();
    }
    auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    }
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), 0);
    return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace calyptenora::http
