#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace calyptenora::host {

/// Runs short functions at their time, on a thread of its own, so that a deadline is kept also when all other
/// threads are busy or stuck. Thread-safe.
class DeadlineClock {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Ticket = std::uint64_t;

    DeadlineClock();
    /// Ends the thread; functions whose time has not come are dropped.
    ~DeadlineClock();
    DeadlineClock(const DeadlineClock&) = delete;
    DeadlineClock& operator=(const DeadlineClock&) = delete;

    /// `expire` must not block and must not throw.
    Ticket at(Time time, std::function<void()> expire);
    /// Drops what has not run yet. It may be running while this returns.
    void forget(Ticket ticket);

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::pair<Time, Ticket>, std::function<void()>> pending_;
    std::map<Ticket, Time> times_;
    Ticket last_ticket_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace calyptenora::host
