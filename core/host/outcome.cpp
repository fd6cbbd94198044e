#include "host/outcome.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>

namespace calyptenora::host {

namespace asio = boost::asio;

/// Those of one execution context that are waited for.
class Outcome::Waiting final : public asio::execution_context::service {
  public:
    using key_type = Waiting;
    static inline asio::execution_context::id id;

    explicit Waiting(asio::execution_context& context) : service(context) {}

    void add(Outcome& outcome) {
        const std::lock_guard lock(mutex_);
        all_.push_back(outcome);
    }
    void remove(Outcome& outcome) {
        const std::lock_guard lock(mutex_);
        if (outcome.place_.is_linked())
            all_.erase(all_.iterator_to(outcome));
    }

  private:
    /// Not with the lock: what is delivered meanwhile locks the outcome first.
    void shutdown() noexcept override {
        while (const auto outcome = take_one())
            outcome->drop();
    }
    std::shared_ptr<Outcome> take_one() {
        const std::lock_guard lock(mutex_);
        if (all_.empty())
            return nullptr;
        // What waits is there: its coroutine holds it.
        auto outcome = all_.front().shared_from_this();
        all_.pop_front();
        return outcome;
    }

    std::mutex mutex_;
    boost::intrusive::list<Outcome, boost::intrusive::member_hook<Outcome, Place, &Outcome::place_>> all_;
};

auto Outcome::resume(Handler handler, Value value) {
    return [handler = std::move(handler), value = std::move(value)]() mutable {
        asio::get_associated_cancellation_slot(handler).clear();
        std::move(handler)(std::move(value));
    };
}

void Outcome::deliver(Value value) {
    // Before the lock: what goes on at once, below, may be told of the end of its call once more.
    if (is_over_.exchange(true))
        return;
    const std::lock_guard lock(mutex_);
    if (!handler_) {
        value_ = std::move(value);
        return;
    }
    auto handler = std::move(*handler_);
    handler_.reset();
    // With the lock and in the list, so that the context waits for it in drop(). A thread of that context
    // goes on with the coroutine at once.
    const auto executor = asio::get_associated_executor(handler);
    asio::dispatch(executor, resume(std::move(handler), std::move(value)));
    waiting_->remove(*this);
}

void Outcome::wait(Handler handler) {
    // Not at once: what cancels must not be destroyed in the middle of it.
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
        slot.assign([this, executor = asio::get_associated_executor(handler)](asio::cancellation_type) {
            asio::post(executor, [self = shared_from_this()] {
                self->deliver(Error(ErrorKind::temporary, "nobody waits for it any more"));
            });
        });
    const std::lock_guard lock(mutex_);
    if (value_) {
        const auto executor = asio::get_associated_executor(handler);
        return asio::post(executor, resume(std::move(handler), std::move(*value_)));
    }
    waiting_ = &asio::use_service<Waiting>(
        asio::query(asio::get_associated_executor(handler), asio::execution::context));
    waiting_->add(*this);
    handler_.emplace(std::move(handler));
}

void Outcome::drop() {
    std::optional<Handler> dropped;  // The coroutine: destroyed without the lock.
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    if (handler_)
        dropped.emplace(std::move(*handler_));
    handler_.reset();
}

asio::awaitable<Outcome::Value> Outcome::receive() {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Value)>(
        [this](Handler handler) { wait(std::move(handler)); }, asio::use_awaitable);
}

}  // namespace calyptenora::host
