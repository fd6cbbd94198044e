#include "integration/gate/emitting_node.hpp"

#include "integration/gate/recipient.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <istream>
#include <ostream>

namespace calyptenora::gate {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const Policy> probe_policy() {
    return test::compile_policy(test::probe_settings(), {test::probe_manifest(), test::desk_manifest()});
}

const PolicyFlow& learning_flow(const Policy& policy) {
    const auto* found = policy.find_flow(settings::parse_instance_id("analytics/probe").value(),
                                         Purpose::analytics_reporting_content_performance);
    if (!found)
        throw std::runtime_error("the policy has no such flow");
    return *found;
}

}  // namespace

Interleaving Interleaving::draw(std::mt19937& random, std::uint32_t number) {
    const auto up_to = [&](unsigned most) { return std::chrono::microseconds(random() % (most + 1)); };
    const auto coin = [&] { return random() % 2 == 0; };
    Interleaving plan{.number = number,
                      .withdraw_after = up_to(12'000),
                      .rest = 2'000us + up_to(4'000),
                      .withdraw_on_other_node = coin()};
    for (int which = 0; which < emitters; ++which) {
        plan.start_after[which] = up_to(4'000);
        plan.hesitate[which] = coin() ? 0us : up_to(6'000);
        plan.waits_for_acknowledgement[which] = random() % 20 == 0;
        plan.on_other_node[which] = coin();
    }
    return plan;
}

std::ostream& operator<<(std::ostream& out, const Interleaving& plan) {
    out << plan.number << ' ' << plan.rest.count();
    for (int which = 0; which < emitters; ++which)
        out << ' ' << plan.start_after[which].count() << ' ' << plan.hesitate[which].count() << ' '
            << plan.waits_for_acknowledgement[which];
    return out;
}

std::istream& operator>>(std::istream& in, Interleaving& plan) {
    const auto read = [&](std::chrono::microseconds& time) {
        std::int64_t count = 0;
        in >> count;
        time = std::chrono::microseconds(count);
    };
    in >> plan.number;
    read(plan.rest);
    for (int which = 0; which < emitters; ++which) {
        read(plan.start_after[which]);
        read(plan.hesitate[which]);
        in >> plan.waits_for_acknowledgement[which];
    }
    return in;
}

asio::awaitable<void> pause(std::chrono::microseconds time) {
    if (time == 0us)
        co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

LocalNode::LocalNode(asio::io_context& context, storage::Database& database,
                     const storage::FieldCipher& cipher, const std::string& name,
                     std::filesystem::path recipient)
    : policy_(probe_policy()),
      flow_(learning_flow(*policy_)),
      gate_(database, cipher, clock_, policy_),
      choices_(database, cipher, gate_, plugins_, {}),
      emissions_(context.get_executor(), database, cipher, gate_, name),
      recipient_(std::move(recipient)) {
    gate_.connect(plugins_);
}

CallScope LocalNode::scope_of(const storage::SubjectId& subject) const {
    return {storage::CallId::make(),
            flow_.instance,
            flow_.flow.purpose,
            {{subject, flow_.flow.declared & flow_.flow.granted}}};
}

// Connects, asks, writes, releases, settles.
asio::awaitable<Emitted> LocalNode::emit(Interleaving plan, storage::SubjectId subject, int which) {
    Emitted emitted;
    co_await pause(plan.start_after[which]);
    // More than enough: the withdrawal ends it.
    for (int tries = 0; tries < 2000; ++tries) {
        Recipient::Connection connection(recipient_);
        const auto call = scope_of(subject);
        auto emission = co_await emissions_.begin(call, {{}, "lrs.example:443", "POST"});
        if (!emission) {
            if (emission.error().kind != ErrorKind::denied)
                emitted.defect = emission.error().message;
            co_return emitted;
        }
        co_await pause(plan.hesitate[which]);
        if (plan.waits_for_acknowledgement[which])
            for (int waited = 0; waited < 40 && !acknowledged_.contains(plan.number); ++waited)
                co_await pause(5ms);
        if (clicked_.contains(plan.number))
            ++emitted.overtaken;
        connection.write_first_byte(plan.number);
        co_await (*emission)->release();
        co_await (*emission)->settle("HTTP 200");
        co_await pause(plan.rest);
    }
    emitted.defect = "the withdrawal never came";
    co_return emitted;
}

asio::awaitable<Status> LocalNode::choose(storage::SubjectId subject, bool allowed) {
    std::vector<Choice> choice{{flow_.instance, flow_.flow.purpose, allowed}};
    const auto recorded = co_await choices_.record(subject, std::move(choice),
                                                   {.language = "de",
                                                    .action = "privacy_page",
                                                    .shown_text = "Darf Lernstatistik AG …?",
                                                    .notice_version = "2026-11"});
    co_return recorded ? Status() : Status(recorded.error());
}

asio::awaitable<std::string> LocalNode::withdraw(storage::SubjectId subject) {
    const auto acknowledged = co_await choose(std::move(subject), false);
    co_return acknowledged ? std::string() : acknowledged.error().message;
}

}  // namespace calyptenora::gate
