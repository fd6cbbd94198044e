#include "dispatch/dispatcher.hpp"

#include <calyptenora/families/analytics.hpp>
#include <calyptenora/families/support.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <map>

namespace calyptenora::dispatch {
namespace {

using boost::asio::awaitable;

/// What became of one event.
struct Verdict {
    enum class Kind : unsigned char { delivered, dropped, failed, again } kind = Kind::again;
    std::string reason;
    std::optional<std::chrono::seconds> wait;
    storage::outbox::CountAttempt count = storage::outbox::CountAttempt::yes;
};

/// Through no fault of the event: it comes back at once, and the attempt does not count.
Verdict unmarked(std::string reason) {
    return {Verdict::Kind::again, std::move(reason), std::chrono::seconds(0),
            storage::outbox::CountAttempt::no};
}

Verdict undecided() {
    return {Verdict::Kind::again, "whether it may be sent could not be read", std::nullopt};
}

Verdict refused_by_gate() {
    return {Verdict::Kind::dropped, "denied when it was to be sent", std::nullopt};
}

/// A failure of the whole call, for each of its events. Some are final; most come back later. An answer that
/// breaks the rules is `permanent`, too, and as final: what it should have told of may have arrived, and each
/// further try would disclose it once more, for an answer that is no better.
Verdict judge(const Error& error) {
    if (error.kind == ErrorKind::unsupported || error.kind == ErrorKind::invalid_input ||
        error.kind == ErrorKind::permanent)
        return {Verdict::Kind::failed, error.message, std::nullopt};
    return {Verdict::Kind::again, error.message, error.retry_after};
}

Verdict judge(const analytics::Delivery& delivery) {
    switch (delivery.outcome) {
        case analytics::DeliveryOutcome::accepted:
        case analytics::DeliveryOutcome::duplicate:
        case analytics::DeliveryOutcome::unconfirmed:
            return {Verdict::Kind::delivered, {}, std::nullopt};
        case analytics::DeliveryOutcome::rejected:
            return {Verdict::Kind::failed, "rejected by the recipient", std::nullopt};
        case analytics::DeliveryOutcome::retry:
            break;
    }
    return {Verdict::Kind::again, "the recipient asks for another try", std::nullopt};
}

}  // namespace

/// Events of one instance, operation and purpose, and what becomes of each.
struct Dispatcher::Batch {
    std::vector<storage::OutboxEvent> events;
    std::vector<Verdict> verdicts;

    std::vector<gate::QueuedItem> items() const {
        std::vector<gate::QueuedItem> items;
        for (const auto& event : events)
            items.push_back({event.subject, event.payload.value_or(""), event.created_at});
        return items;
    }
    void judge_all(const Verdict& verdict) { verdicts.assign(events.size(), verdict); }
};

Dispatcher::Dispatcher(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                       std::string node, Log log, DispatchOptions options)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      node_(std::move(node)),
      log_(std::move(log)),
      options_(options) {}

void Dispatcher::start(boost::asio::io_context& context) {
    loop_.start(
        context,
        [this]() -> awaitable<std::chrono::milliseconds> {
            co_return co_await run_once() > 0 ? std::chrono::milliseconds(0) : options_.idle;
        },
        log_);
}

awaitable<Result<std::vector<storage::OutboxEvent>>> Dispatcher::claim() {
    using Events = std::vector<storage::OutboxEvent>;
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<Events> {
        return storage::outbox::claim(tx, cipher_, "", node_, options_.batch, gate_.clock().now(),
                                      options_.claim);
    });
}

awaitable<int> Dispatcher::run_once() {
    const auto claimed_until = gate_.clock().now() + options_.claim;
    auto claimed = co_await claim();
    if (!claimed) {
        log_("the outbox cannot be read: " + claimed.error().message);
        co_return 0;
    }
    std::map<std::tuple<std::string, std::string, Purpose>, Batch> batches;
    for (auto& event : *claimed) {
        // Support operations carry one record each.
        const bool alone = event.operation != analytics::Deliver::name;
        auto key =
            std::tuple(event.instance, event.operation + (alone ? " " + event.id.text() : ""), event.purpose);
        batches[key].events.push_back(std::move(event));
    }
    int settled = 0;
    for (auto& [key, batch] : batches)
        settled += co_await send(std::move(batch), claimed_until);
    co_return settled;
}

// A call may be denied because somebody has withdrawn since the batch was decided on: then the others try
// again without a mark, and that one is dropped. Or the plugin or the host denies it for a reason of its own,
// which will be there at the next attempt, too.
awaitable<void> Dispatcher::judge_failure(Batch& batch, const settings::InstanceId& instance, Error error) {
    const auto purpose = batch.events.front().purpose;
    const auto policy = gate_.policy();
    const auto* row = policy->find_flow(instance, purpose);
    if (error.kind == ErrorKind::denied && row)
        for (const auto& event : batch.events) {
            const auto now = co_await gate_.explain(instance, purpose, event.subject,
                                                    row->flow.granted & row->flow.declared);
            if (now && now->decision.refused)
                co_return batch.judge_all(unmarked(error.message));
        }
    batch.judge_all(judge(error));
}

awaitable<int> Dispatcher::send(Batch batch, storage::Timestamp claimed_until) {
    const auto& first = batch.events.front();
    const auto instance = settings::parse_instance_id(first.instance);
    if (!instance || !gate_.policy()->find_flow(*instance, first.purpose)) {
        batch.judge_all(
            {Verdict::Kind::dropped, "the instance is not enabled for this purpose any more", {}});
    } else if (gate_.clock().now() + options_.deadline > claimed_until) {
        // Another dispatcher may take them before the call has ended, and send them too.
        batch.judge_all(unmarked("other events took too long"));
    } else if (first.operation == analytics::Deliver::name) {
        const auto outcome = co_await gate_.send_queued<analytics::Deliver>(
            *instance, first.purpose, batch.items(), {.deadline = options_.deadline});
        batch.judge_all({Verdict::Kind::again, "the plugin did not say what became of it", std::nullopt});
        if (outcome.reply && !*outcome.reply)
            co_await judge_failure(batch, *instance, outcome.reply->error());
        if (outcome.reply && *outcome.reply)
            for (const auto& delivery : (*outcome.reply)->deliveries)
                for (std::size_t i = 0; i < batch.events.size(); ++i)
                    if (batch.events[i].id.text() == delivery.id)
                        batch.verdicts[i] = judge(delivery);
        for (const auto index : outcome.undecided)
            batch.verdicts[index] = undecided();
        for (const auto index : outcome.refused)
            batch.verdicts[index] = refused_by_gate();
    } else if (first.operation == support::Open::name || first.operation == support::Append::name) {
        const gate::CallOptions options{.deadline = options_.deadline};
        const auto outcome =
            first.operation == support::Open::name
                ? co_await gate_.send_queued<support::Open>(*instance, first.purpose, batch.items(), options)
                : co_await gate_.send_queued<support::Append>(*instance, first.purpose, batch.items(),
                                                              options);
        if (!outcome.refused.empty())
            batch.judge_all(refused_by_gate());
        else if (!outcome.undecided.empty())
            batch.judge_all(undecided());
        else if (*outcome.reply)
            batch.judge_all({Verdict::Kind::delivered, {}, std::nullopt});
        else
            co_await judge_failure(batch, *instance, outcome.reply->error());
    } else {
        batch.judge_all({Verdict::Kind::failed, "no plugin family has an operation " + first.operation, {}});
    }
    co_await settle(batch);
    co_return static_cast<int>(
        std::count_if(batch.verdicts.begin(), batch.verdicts.end(),
                      [](const auto& verdict) { return verdict.kind != Verdict::Kind::again; }));
}

awaitable<void> Dispatcher::settle(const Batch& batch) {
    const auto settled = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto now = gate_.clock().now();
        for (std::size_t i = 0; i < batch.events.size(); ++i) {
            const auto& event = batch.events[i];
            const auto& verdict = batch.verdicts[i];
            switch (verdict.kind) {
                case Verdict::Kind::delivered:
                    storage::outbox::deliver(tx, event.id, node_, now);
                    break;
                case Verdict::Kind::dropped:
                    storage::outbox::drop(tx, event.id, node_, verdict.reason, now);
                    break;
                case Verdict::Kind::failed:
                    storage::outbox::fail(tx, event.id, node_, verdict.reason, now);
                    break;
                case Verdict::Kind::again:
                    if (event.attempts >= options_.give_up_after)
                        storage::outbox::fail(tx, event.id, node_, verdict.reason, now);
                    else
                        storage::outbox::requeue(
                            tx, event.id, node_, verdict.reason,
                            now + verdict.wait.value_or(storage::outbox::backoff(event.attempts)),
                            verdict.count);
            }
        }
        return {};
    });
    if (!settled)
        log_("what became of a batch cannot be written down; it will be sent again: " +
             settled.error().message);
    for (std::size_t i = 0; i < batch.events.size(); ++i)
        if (batch.verdicts[i].kind != Verdict::Kind::delivered)
            log_(fmt::format("{} {} {}: {}", batch.events[i].instance, batch.events[i].operation,
                             batch.events[i].id.text(), batch.verdicts[i].reason));
}

}  // namespace calyptenora::dispatch
