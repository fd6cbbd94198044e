#pragma once

#include "host/channel.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>

namespace calyptenora::host {

/// Owns the coroutines that carry out the services of one instance's calls: each runs on a strand of its own,
/// ends with its call at the latest, and is waited for. Thread-safe.
class ServiceTasks : public std::enable_shared_from_this<ServiceTasks> {
  public:
    explicit ServiceTasks(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// Starts a coroutine on behalf of a call. It must not throw but when it is cancelled.
    void start(WireCall call, std::function<boost::asio::awaitable<void>()> work);
    /// Cancels what runs for this call. Does not wait.
    void cancel(WireCall call);
    /// Returns when nothing runs any more for these calls.
    boost::asio::awaitable<void> ended(std::vector<WireCall> calls);
    /// Cancels everything and returns when nothing runs any more. What is started later runs all the same.
    boost::asio::awaitable<void> stop();

  private:
    struct Task;
    struct Watch;

    void finished(WireCall call, std::uint64_t number);
    boost::asio::awaitable<void> wait(std::shared_ptr<Watch> watch);
    static bool is_met(const Watch& watch, const std::multimap<WireCall, std::shared_ptr<Task>>& tasks);

    const boost::asio::any_io_executor executor_;
    std::mutex mutex_;
    std::uint64_t last_number_ = 0;
    std::multimap<WireCall, std::shared_ptr<Task>> tasks_;
    std::list<std::shared_ptr<Watch>> watches_;
};

}  // namespace calyptenora::host
