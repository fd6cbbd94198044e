#pragma once

#include "http/router.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace calyptenora::http {

/// Sheds load early: beyond the limits only essential routes are served, beyond the reserve nobody.
/// Counts only; safe to call from any thread.
class Admission {
  public:
    struct Limits {
        std::size_t max_connections = 4000;
        std::size_t reserved_connections = 200;  ///< On top, for essential routes.
        std::size_t max_connections_per_client = 200;
        std::size_t max_requests = 512;  ///< In handlers at the same time.
        std::size_t reserved_requests = 64;
    };

    enum class Door : std::uint8_t {
        open,
        essential_only,  ///< Read the request; answer 503 unless its route is essential, then close.
        shut,            ///< Close at once.
    };

    explicit Admission(Limits limits) : limits_(limits) {}

    /// Counts a connection unless the door is shut. `client` is its `rate_key`; empty for a trusted proxy,
    /// which speaks for many. Each counted connection calls `leave` once.
    Door enter(const std::string& client);
    void leave(const std::string& client);

    /// Counts a request if there is room for one of its priority; then `end_request` is called once.
    bool begin_request(Priority priority);
    void end_request();

    std::size_t connections() const;

  private:
    const Limits limits_;
    mutable std::mutex mutex_;
    std::size_t connections_ = 0;
    std::size_t requests_ = 0;
    std::unordered_map<std::string, std::size_t> per_client_;
};

}  // namespace calyptenora::http
