#include "host/in_process_channel.hpp"

#include "host/plugin_thread.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <mutex>

namespace calyptenora::host {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Brings an outcome from whatever thread to the executor of the coroutine that awaits it. Closed when that
/// coroutine ends, which may be in the destruction of its io_context: nothing must be sent there any more.
class Outcome {
  public:
    explicit Outcome(const asio::any_io_executor& executor) : channel_(executor, 1) {}

    void deliver(Result<std::string> result) {
        const std::lock_guard lock(mutex_);
        if (!closed_)
            channel_.try_send(error_code(), std::move(result));
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    auto receive() { return channel_.async_receive(asio::as_tuple(asio::use_awaitable)); }

  private:
    std::mutex mutex_;
    bool closed_ = false;
    asio::experimental::concurrent_channel<void(error_code, Result<std::string>)> channel_;
};

/// Ends the call when the coroutine that awaits it ends first, in whatever way.
class CallOwner {
  public:
    CallOwner(PluginThread& thread, WireCall call, Outcome& outcome)
        : thread_(thread), call_(call), outcome_(outcome) {}
    CallOwner(const CallOwner&) = delete;
    CallOwner& operator=(const CallOwner&) = delete;
    ~CallOwner() {
        outcome_.close();
        thread_.end(call_, Error(ErrorKind::temporary, "nobody waits for the answer any more"));
    }

  private:
    PluginThread& thread_;
    WireCall call_;
    Outcome& outcome_;
};

}  // namespace

InProcessChannel::InProcessChannel(std::string name, std::uint32_t generation, LoadedLibrary library,
                                   std::weak_ptr<ChannelListener> listener, DeadlineClock& clock,
                                   ChannelLimits limits)
    : thread_(std::make_shared<PluginThread>(std::move(name), library, std::move(listener), clock, limits)),
      first_call_(WireCall(generation) << 40) {}

InProcessChannel::~InProcessChannel() {
    if (stopped_)
        return;
    std::promise<void> stopped;
    thread_->stop([&] { stopped.set_value(); });
    stopped.get_future().wait();
    thread_->leave();
}

WireCall InProcessChannel::next_call() {
    return first_call_ | ++calls_;
}

asio::awaitable<Status> InProcessChannel::start(std::string settings) {
    const auto thread = thread_;
    const auto outcome = std::make_shared<Outcome>(co_await asio::this_coro::executor);
    thread->create(std::move(settings),
                   [outcome](Result<std::string> result) { outcome->deliver(std::move(result)); });
    const CallOwner owner(*thread, 0, *outcome);
    auto [failure, result] = co_await outcome->receive();
    if (failure)
        co_return Error(ErrorKind::temporary, "its start was abandoned");
    co_return result ? Status() : Status(result.error());
}

asio::awaitable<Result<std::string>> InProcessChannel::call(WireCall call, ChannelCall request) {
    const auto thread = thread_;
    const auto outcome = std::make_shared<Outcome>(co_await asio::this_coro::executor);
    auto refused = thread->begin(call, std::move(request), [outcome](Result<std::string> result) {
        outcome->deliver(std::move(result));
    });
    if (refused)
        co_return std::move(*refused);
    const CallOwner owner(*thread, call, *outcome);
    auto [failure, result] = co_await outcome->receive();
    if (failure)
        co_return Error(ErrorKind::temporary, "the call was abandoned");
    co_return std::move(result);
}

void InProcessChannel::answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) {
    thread_->answer(call, token, status, std::move(payload));
}

void InProcessChannel::cancel(WireCall call, Error reason) {
    thread_->end(call, std::move(reason));
}

asio::awaitable<void> InProcessChannel::stop() {
    const auto thread = thread_;
    if (stopped_.exchange(true))
        co_return;
    const auto outcome = std::make_shared<Outcome>(co_await asio::this_coro::executor);
    thread->stop([outcome] { outcome->deliver(std::string()); });
    co_await outcome->receive();
    thread->leave();
}

}  // namespace calyptenora::host
