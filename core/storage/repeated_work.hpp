#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>

namespace calyptenora::storage {

/// Work that is done again and again in the background, for as long as a server runs. Whoever owns it stops
/// it before what the work uses ends. Callers: dispatch, gate, platform.
class RepeatedWork {
  public:
    /// One round; yields how long to wait before the next one.
    using Round = std::function<boost::asio::awaitable<std::chrono::milliseconds>()>;
    using Log = std::function<void(const std::string& line)>;

    /// Begins with a round at once. A round that throws is told to `log`, and the next one comes after
    /// `after_failure`. One thread serves the context. Once.
    void start(boost::asio::io_context& context, Round round, Log log);
    /// Returns when the round that is under way has ended; a wait is broken off. Blocks; not from a thread of
    /// the context. Idempotent, also without a start.
    void stop();
    /// For rounds that can end early.
    bool is_stopping() const { return stopping_; }

    static constexpr std::chrono::seconds after_failure{10};

  private:
    boost::asio::awaitable<void> run(Round round, Log log);

    std::atomic<bool> stopping_ = false;
    std::optional<boost::asio::steady_timer> timer_;  ///< Touched on its context only.
    std::optional<std::future<void>> loop_;
};

}  // namespace calyptenora::storage
