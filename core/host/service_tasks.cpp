#include "host/service_tasks.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace calyptenora::host {

namespace asio = boost::asio;
using boost::system::error_code;

/// A cancellation signal may be touched on the coroutine's strand only.
struct ServiceTasks::Task {
    explicit Task(const asio::any_io_executor& executor) : strand(asio::make_strand(executor)) {}

    std::uint64_t number = 0;
    asio::strand<asio::any_io_executor> strand;
    asio::cancellation_signal signal;
};

struct ServiceTasks::Watch {
    /// Without calls: for everything.
    Watch(const asio::any_io_executor& executor, std::optional<std::vector<WireCall>> which)
        : calls(std::move(which)), met(executor, 1) {}

    std::optional<std::vector<WireCall>> calls;
    asio::experimental::concurrent_channel<void(error_code)> met;
};

void ServiceTasks::start(WireCall call, std::function<asio::awaitable<void>()> work) {
    auto task = std::make_shared<Task>(executor_);
    {
        const std::lock_guard lock(mutex_);
        task->number = ++last_number_;
        tasks_.emplace(call, task);
    }
    // From the strand, so that a cancellation that comes at once finds the coroutine connected to its signal.
    asio::post(task->strand, [self = shared_from_this(), call, task, work = std::move(work)]() mutable {
        asio::co_spawn(task->strand, std::move(work),
                       asio::bind_cancellation_slot(task->signal.slot(), [self, call, number = task->number,
                                                                          task](const std::exception_ptr&) {
                           self->finished(call, number);
                       }));
    });
}

void ServiceTasks::cancel(WireCall call) {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = tasks_.equal_range(call);
    for (auto at = first; at != last; ++at)
        asio::post(at->second->strand,
                   [task = at->second] { task->signal.emit(asio::cancellation_type::terminal); });
}

void ServiceTasks::finished(WireCall call, std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = tasks_.equal_range(call);
    const auto done =
        std::find_if(first, last, [&](const auto& entry) { return entry.second->number == number; });
    if (done != last)
        tasks_.erase(done);
    watches_.remove_if([&](const std::shared_ptr<Watch>& watch) {
        return is_met(*watch, tasks_) && watch->met.try_send(error_code());
    });
}

bool ServiceTasks::is_met(const Watch& watch, const std::multimap<WireCall, std::shared_ptr<Task>>& tasks) {
    if (!watch.calls)
        return tasks.empty();
    return std::ranges::none_of(*watch.calls, [&](WireCall call) { return tasks.contains(call); });
}

asio::awaitable<void> ServiceTasks::wait(std::shared_ptr<Watch> watch) {
    {
        const std::lock_guard lock(mutex_);
        if (is_met(*watch, tasks_))
            co_return;
        watches_.push_back(watch);
    }
    co_await watch->met.async_receive(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> ServiceTasks::ended(std::vector<WireCall> calls) {
    co_await wait(std::make_shared<Watch>(co_await asio::this_coro::executor, std::move(calls)));
}

asio::awaitable<void> ServiceTasks::stop() {
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [call, task] : tasks_)
            asio::post(task->strand, [task] { task->signal.emit(asio::cancellation_type::terminal); });
    }
    co_await wait(std::make_shared<Watch>(co_await asio::this_coro::executor, std::nullopt));
}

}  // namespace calyptenora::host
