#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace calyptenora::http {

/// Token buckets, one per key: a client address (`rate_key`) or an account. Safe to call from any thread.
/// Memory is bounded: when `max_keys` are known, the one that was used longest ago is forgotten.
class RateLimiter {
  public:
    using Clock = std::chrono::steady_clock;

    struct Options {
        double tokens_per_second = 1;
        double burst = 10;  ///< Tokens of a full bucket; at least 1.
        std::size_t max_keys = 100'000;
    };

    explicit RateLimiter(Options options);

    /// Takes one token. Nothing if there was one; else how long to wait (Retry-After), rounded up, at least 1
    /// s.
    std::optional<std::chrono::seconds> take(std::string_view key, Clock::time_point now);

    std::size_t known_keys() const;

  private:
    struct Bucket {
        std::string key;
        double tokens;
        Clock::time_point filled_at;
    };

    Options options_;
    mutable std::mutex mutex_;
    std::list<Bucket> buckets_;  // used last first
    std::unordered_map<std::string_view, std::list<Bucket>::iterator> index_;
};

/// The key of a client: the IPv4 address, or the /64 of an IPv6 address, which one subscriber owns whole.
std::string rate_key(const boost::asio::ip::address& address);

}  // namespace calyptenora::http
