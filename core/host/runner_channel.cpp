#include "host/runner_channel.hpp"

#include "host/outcome.hpp"

#include <future>

namespace calyptenora::host {

namespace asio = boost::asio;
namespace {

/// Ends the call when the coroutine that awaits it ends first, in whatever way.
class CallOwner {
  public:
    CallOwner(PluginRunner& runner, WireCall call) : runner_(runner), call_(call) {}
    CallOwner(const CallOwner&) = delete;
    CallOwner& operator=(const CallOwner&) = delete;
    ~CallOwner() {
        if (!is_answered_)
            runner_.end(call_, Error(ErrorKind::temporary, "nobody waits for the answer any more"));
    }
    /// The call has ended by itself.
    void set_answered() { is_answered_ = true; }

  private:
    PluginRunner& runner_;
    WireCall call_;
    bool is_answered_ = false;
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
    const auto outcome = std::make_shared<Outcome>();
    runner->create(std::move(settings),
                   [outcome](Result<std::string> result) { outcome->deliver(std::move(result)); });
    const CallOwner owner(*runner, 0);
    const auto result = co_await outcome->receive();
    co_return result ? Status() : Status(result.error());
}

asio::awaitable<Result<std::string>> RunnerChannel::call(WireCall call, ChannelCall request) {
    const auto runner = runner_;
    const auto outcome = std::make_shared<Outcome>();
    auto refused = runner->begin(call, std::move(request), [outcome](Result<std::string> result) {
        outcome->deliver(std::move(result));
    });
    if (refused)
        co_return std::move(*refused);
    CallOwner owner(*runner, call);
    auto result = co_await outcome->receive();
    if (result)
        owner.set_answered();
    co_return result;
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
    const auto outcome = std::make_shared<Outcome>();
    runner->stop([outcome] { outcome->deliver(std::string()); });
    (void)co_await outcome->receive();
    runner->leave();
}

}  // namespace calyptenora::host
