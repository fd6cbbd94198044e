#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>

namespace calyptenora::storage {

/// Work that is done again and again in the background, for as long as a server runs. Whoever owns it stops
/// it before what the work uses ends. Callers: dispatch, gate, platform.
class RepeatedWork {
  public:
    /// One round; yields how long to wait before the next one. An exception ends the loop.
    using Round = std::function<boost::asio::awaitable<std::chrono::milliseconds>()>;

    /// Begins with a round at once. One thread serves the context. Once.
    void start(boost::asio::io_context& context, Round round);
    /// Returns when the round that is under way has ended; a wait is broken off. Blocks; not from a thread of
    /// the context. Idempotent, also without a start.
    void stop();
    /// For rounds that can end early.
    bool is_stopping() const { return stopping_; }

  private:
    boost::asio::awaitable<void> run(Round round);

    std::atomic<bool> stopping_ = false;
    std::optional<boost::asio::steady_timer> timer_;  ///< Touched on its context only.
    std::optional<std::future<void>> loop_;
};

}  // namespace calyptenora::storage
