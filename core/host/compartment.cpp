#include "host/compartment.hpp"

#include "host/runner_channel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace calyptenora::host {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::string name_of(const CompartmentRecipe& recipe) {
    return recipe.plan.purposes.size() == 1
               ? recipe.plan.id.text()
               : fmt::format("{} ({})", recipe.plan.id.text(), key_of(recipe.purpose));
}

}  // namespace

std::string_view name_of(PluginState::Kind kind) {
    switch (kind) {
        case PluginState::Kind::ready:
            return "ready";
        case PluginState::Kind::off:
            return "off";
        case PluginState::Kind::no_recipient:
            return "no_recipient";
        case PluginState::Kind::refused:
            return "refused";
        case PluginState::Kind::failed:
            return "failed";
        case PluginState::Kind::hung:
            return "hung";
        case PluginState::Kind::restarting:
            return "restarting";
        case PluginState::Kind::quarantined:
            return "quarantined";
    }
    return "?";
}

Compartment::Compartment(CompartmentRecipe recipe, CompartmentPlace place)
    : recipe_(std::move(recipe)),
      place_(std::move(place)),
      name_(name_of(recipe_)),
      tasks_(std::make_shared<ServiceTasks>(place_.executor)),
      left_(std::make_shared<Left>(place_.executor, 1)),
      presence_(left_.get(), [left = left_](const void*) { left->try_send(error_code()); }) {}

Compartment::Life Compartment::make_life() {
    const auto life = std::make_shared<RunningInstance>(
        name_, recipe_.plan, place_.providers, place_.cancellations, place_.executor,
        [weak = weak_from_this()](const RunningInstance& lost, Loss loss, const std::string& reason) {
            if (const auto self = weak.lock())
                self->on_lost(&lost, loss, reason);
        });
    life->connect(std::make_unique<RunnerChannel>(recipe_.make_runner(name_, life), ++place_.lives));
    return life;
}

Compartment::Life Compartment::life() const {
    const std::lock_guard lock(mutex_);
    return life_;
}

asio::awaitable<Status> Compartment::start() {
    const auto first = make_life();
    auto started = co_await first->start(recipe_.plan.settings);
    if (!started) {
        co_await first->stop();
        co_return started;
    }
    {
        const std::lock_guard lock(mutex_);
        life_ = first;
        state_.kind = PluginState::Kind::ready;
    }
    // It may have been lost before it had taken its place.
    if (const auto lost = first->lost())
        on_lost(first.get(), Loss::ended, *lost);
    co_return Status();
}

asio::awaitable<Result<std::string>> Compartment::call(gate::PluginCall call) {
    co_return co_await life()->call(std::move(call));
}

asio::awaitable<void> Compartment::withdraw(const storage::SubjectId& subject) {
    const auto old = life();
    co_await old->cancel(subject);
    if (!is_worker_ || !recipe_.plan.restart_on_withdrawal || !old->has_seen(subject))
        co_return;
    // In a task of its own: it must not stay half done when nobody waits for it any more.
    const auto number = ++last_task_;
    tasks_->start(number, [self = shared_from_this(), old] { return self->renew(old); });
    co_await tasks_->ended({number});
}

asio::awaitable<void> Compartment::retire() {
    presence_.reset();
    co_await left_->async_receive(asio::as_tuple(asio::use_awaitable));
    co_await stop();
}

asio::awaitable<void> Compartment::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    co_await tasks_->stop();
    if (const auto last = life())
        co_await last->stop();
}

PluginState Compartment::state() const {
    const std::lock_guard lock(mutex_);
    if (const auto lost = life_ ? life_->lost() : std::nullopt;
        lost && state_.kind == PluginState::Kind::ready)
        return {is_worker_ ? PluginState::Kind::restarting : PluginState::Kind::hung, *lost};
    return state_;
}

void Compartment::on_lost(const RunningInstance* lost, Loss loss, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    // Before it has taken its place and after it has left it, others take care of it; and one end is one
    // strike.
    if (loss != Loss::hung && life_.get() == lost && state_.kind == PluginState::Kind::ready)
        strike(loss, reason);
}

void Compartment::strike(Loss loss, const std::string& reason) {
    if (stopping_)
        return;
    const auto wait = strikes_.strike(loss, std::chrono::steady_clock::now(), place_.restarts);
    if (wait) {
        state_ = {PluginState::Kind::restarting, reason};
        tasks_->start(++last_task_, [self = shared_from_this(), lost = life_, wait = *wait] {
            return self->restart(lost, wait);
        });
        return;
    }
    state_ = {PluginState::Kind::quarantined, reason};
    place_.providers.log(
        LogLevel::error, name_,
        fmt::format("is quarantined after {}; it stays down until the settings are reloaded or the "
                    "server is started again",
                    loss == Loss::broke_rules ? "it broke the rules of the wire"
                                              : fmt::format("{} ends", strikes_.count())));
}

asio::awaitable<void> Compartment::restart(Life lost, std::chrono::milliseconds wait) {
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(asio::use_awaitable);
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (co_await replace(lost))
        place_.providers.log(LogLevel::info, name_, "runs again");
}

asio::awaitable<void> Compartment::renew(Life old) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (co_await replace(old))
        place_.providers.log(LogLevel::info, name_, "was started anew, since a learner has withdrawn");
    // Also where it has no successor, or has left its place to another one already.
    co_await old->stop();
}

asio::awaitable<bool> Compartment::replace(const Life& old) {
    const auto is_in_place = [&] { return !stopping_ && life_ == old; };
    {
        const std::lock_guard lock(mutex_);
        if (!is_in_place())
            co_return false;
    }
    const auto next = make_life();
    const auto started = co_await next->start(recipe_.plan.settings);
    bool replaced = false;
    {
        const std::lock_guard lock(mutex_);
        const auto failed = started ? next->lost() : std::optional(started.error().message);
        if (is_in_place() && failed) {
            strike(Loss::ended, *failed);
        } else if (is_in_place()) {
            life_ = next;
            state_ = {PluginState::Kind::ready, {}};
            replaced = true;
        }
    }
    co_await (replaced ? old : next)->stop();
    co_return replaced;
}

}  // namespace calyptenora::host
