#pragma once

#include <calyptenora/result.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace calyptenora::host {

/// Brings one outcome from whatever thread to the coroutine that awaits it, on that coroutine's executor.
/// What a channel of Asio's does, without an object of one of its services for each call, and without the way
/// through the context's queue where the outcome comes from one of its own threads: 2 us of a call's 20.
///
/// A coroutine that still waits when its execution context goes is destroyed then, while all that it refers
/// to exists; whatever is delivered later goes nowhere.
class Outcome : public std::enable_shared_from_this<Outcome> {
  public:
    using Value = Result<std::string>;

    /// The first one counts. Thread-safe.
    void deliver(Value value);
    /// Once. An error (`temporary`) if the coroutine is cancelled.
    boost::asio::awaitable<Value> receive();

  private:
    class Waiting;
    using Handler = boost::asio::async_result<boost::asio::use_awaitable_t<>, void(Value)>::handler_type;

    void wait(Handler handler);
    static auto resume(Handler handler, Value value);
    void drop();

    std::atomic<bool> is_over_ = false;  ///< Delivered or dropped.
    std::mutex mutex_;
    std::optional<Value> value_;
    std::optional<Handler> handler_;
    Waiting* waiting_ = nullptr;  ///< While there is a handler.
    using Place = boost::intrusive::list_member_hook<>;
    Place place_;  ///< Of the list of those that are waited for.
};

}  // namespace calyptenora::host
