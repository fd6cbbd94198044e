#include "host/runner_channel.hpp"

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
    CallOwner(PluginRunner& runner, WireCall call, Outcome& outcome)
        : runner_(runner), call_(call), outcome_(outcome) {}
    CallOwner(const CallOwner&) = delete;
    CallOwner& operator=(const CallOwner&) = delete;
    ~CallOwner() {
        outcome_.close();
        runner_.end(call_, Error(ErrorKind::temporary, "nobody waits for the answer any more"));
    }

  private:
    PluginRunner& runner_;
    WireCall call_;
    Outcome& outcome_;
};

}  // namespace

RunnerChannel::RunnerChannel(std::shared_ptr<PluginRunner> runner, std::uint32_t generation)
    : runner_(std::move(runner)), first_call_(WireCall(generation) << 40) {}

RunnerChannel::~RunnerChannel() {
    if (stopped_)
        return;
    std::promise<void> stopped;
    runner_->stop([&] { stopped.set_value(); });
    stopped.get_future().wait();
    runner_->leave();
}

WireCall RunnerChannel::next_call() {
    return first_call_ | ++calls_;
}

asio::awaitable<Status> RunnerChannel::start(std::string settings) {
    const auto runner = runner_;
    const auto outcome = std::make_shared<Outcome>(co_await asio::this_coro::executor);
    runner->create(std::move(settings),
                   [outcome](Result<std::string> result) { outcome->deliver(std::move(result)); });
    const CallOwner owner(*runner, 0, *outcome);
    auto [failure, result] = co_await outcome->receive();
    if (failure)
        co_return Error(ErrorKind::temporary, "its start was abandoned");
    co_return result ? Status() : Status(result.error());
}

asio::awaitable<Result<std::string>> RunnerChannel::call(WireCall call, ChannelCall request) {
    const auto runner = runner_;
    const auto outcome = std::make_shared<Outcome>(co_await asio::this_coro::executor);
    auto refused = runner->begin(call, std::move(request), [outcome](Result<std::string> result) {
        outcome->deliver(std::move(result));
    });
    if (refused)
        co_return std::move(*refused);
    const CallOwner owner(*runner, call, *outcome);
    auto [failure, result] = co_await outcome->receive();
    if (failure)
        co_return Error(ErrorKind::temporary, "the call was abandoned");
    co_return std::move(result);
}

void RunnerChannel::answer(WireCall call, std::uint64_t token, std::uint32_t status, std::string payload) {
    runner_->answer(call, token, status, std::move(payload));
}

void RunnerChannel::cancel(WireCall call, Error reason) {
    runner_->end(call, std::move(reason));
}

void RunnerChannel::read_output() {
    runner_->read_output();
}

asio::awaitable<void> RunnerChannel::stop() {
    const auto runner = runner_;
    if (stopped_.exchange(true))
        co_return;
    const auto outcome = std::make_shared<Outcome>(co_await asio::this_coro::executor);
    runner->stop([outcome] { outcome->deliver(std::string()); });
    co_await outcome->receive();
    runner->leave();
}

}  // namespace calyptenora::host
