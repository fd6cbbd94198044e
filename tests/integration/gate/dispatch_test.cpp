#include "dispatch/dispatcher.hpp"
#include "integration/gate/gate_fixture.hpp"
#include "storage/stores/learners.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace calyptenora::dispatch {
namespace {

using namespace std::chrono_literals;
using storage::OutboxState;
using ::testing::HasSubstr;
using ::testing::Not;
using Answer = boost::asio::awaitable<Result<std::string>>;

class Dispatch : public gate::GateTest {
  protected:
    int dispatch() { return run(dispatcher_.run_once()); }
    /// As a loop would: until nothing is due now.
    void dispatch_all() {
        for (int rounds = 0; rounds < 10 && queue()[OutboxState::queued] > 0; ++rounds)
            dispatch();
    }
    std::map<OutboxState, long long> queue() {
        return read([&](storage::Transaction& tx) {
            return Result<std::map<OutboxState, long long>>(storage::outbox::count(tx, ""));
        });
    }
    std::chrono::microseconds next_due_in() {
        return read([&](storage::Transaction& tx) -> Result<std::chrono::microseconds> {
            return *storage::outbox::find_next_due(tx) - clock_.now();
        });
    }
    storage::SubjectId consenting(std::string_view email) {
        const auto id = make_learner(email);
        choose(id, learning(), true);
        return id;
    }
    void answer_with(Error error) {
        plugins_.answer = [error](gate::PluginCall) -> Answer { co_return error; };
    }

    std::vector<std::string> log_;
    Dispatcher dispatcher_{database(), cipher(), gate_, "node-a",
                           [this](const std::string& line) { log_.push_back(line); }};
};
CALYPTENORA_ON_BOTH_DATABASES(Dispatch);

TEST_P(Dispatch, SendsABatchOfEachInstanceAndPurpose) {
    const auto mia = consenting("mia@example.org"), tom = consenting("tom@example.org");
    choose(mia, desk(), true);
    const auto& second = flow("analytics/probe@second", content_performance);
    choose(mia, second, true);
    for (const auto& who : {mia, tom, mia})
        EXPECT_TRUE(queue_event(who, learning()));
    EXPECT_TRUE(queue_event(mia, second));
    EXPECT_TRUE(queue_case(mia, desk()));
    EXPECT_TRUE(queue_case(mia, desk()));
    EXPECT_EQ(dispatch(), 6);
    EXPECT_EQ(queue()[OutboxState::delivered], 6);
    ASSERT_EQ(plugins_.calls.size(), 4u) << "support operations carry one record each";
    EXPECT_EQ(boost::json::parse(plugins_.calls[0].document).as_array().size(), 3u);
    EXPECT_EQ(plugins_.calls[0].scope.records.size(), 3u);
    EXPECT_EQ(plugins_.calls[2].operation, "open");
    EXPECT_EQ(dispatch(), 0);
    EXPECT_EQ(plugins_.calls.size(), 4u);
}

TEST_P(Dispatch, DropsTheEventsOfWhoeverIsDeniedAndDeliversTheOthers) {
    const auto mia = consenting("mia@example.org"), tom = consenting("tom@example.org");
    EXPECT_TRUE(queue_event(mia, learning()));
    const auto toms = queue_event(tom, learning());
    // Mia's data is closed without her queue being emptied: the decision at send time must see it by itself.
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::restrict(tx, mia, now_);
        return {};
    });
    EXPECT_EQ(dispatch(), 2);
    EXPECT_EQ(queue()[OutboxState::dropped], 1);
    EXPECT_EQ(queue()[OutboxState::delivered], 1);
    ASSERT_EQ(plugins_.calls.size(), 1u);
    EXPECT_EQ(boost::json::parse(plugins_.calls[0].document).as_array().size(), 1u);
    EXPECT_THAT(plugins_.calls[0].document, HasSubstr(toms->text()));
    EXPECT_THAT(plugins_.calls[0].document, Not(HasSubstr(pseudonym(mia, learning()))));
}

TEST_P(Dispatch, AWithdrawalWhileTheBatchIsUnderWayCostsTheOthersNoAttempt) {
    const auto mia = consenting("mia@example.org"), tom = consenting("tom@example.org");
    EXPECT_TRUE(queue_event(mia, learning()));
    const auto toms = queue_event(tom, learning());
    int calls = 0;
    plugins_.answer = [&](gate::PluginCall call) -> Answer {
        if (++calls == 1)
            (void)co_await choices_.record(mia, {{learning().instance, content_performance, false}}, shown());
        // As the egress broker does.
        auto emission = co_await emissions_.begin(call.scope, {{}, "lrs.example:443", "POST"});
        if (!emission)
            co_return emission.error();
        co_await (*emission)->settle("HTTP 200");
        co_return co_await gate::FakePlugins::accept_all(std::move(call));
    };
    EXPECT_EQ(dispatch(), 0) << "one withdrawn subject cancels the batch";
    EXPECT_EQ(queue()[OutboxState::queued], 1) << "Tom's event, due at once";
    EXPECT_EQ(queue()[OutboxState::dropped], 1);
    plugins_.calls.clear();
    EXPECT_EQ(dispatch(), 1);
    EXPECT_EQ(queue()[OutboxState::delivered], 1);
    EXPECT_THAT(plugins_.calls.at(0).document, HasSubstr(toms->text()));
    EXPECT_THAT(plugins_.calls.at(0).document, Not(HasSubstr(pseudonym(mia, learning()))));
}

TEST_P(Dispatch, WhatAPluginItselfDeniesIsNotTriedAgainAtOnce) {
    EXPECT_TRUE(queue_event(consenting("mia@example.org"), learning()));
    answer_with(Error(ErrorKind::denied, "the host is not declared"));
    dispatch_all();
    EXPECT_EQ(plugins_.calls.size(), 1u);
    EXPECT_EQ(queue()[OutboxState::queued], 1);
    EXPECT_EQ(next_due_in(), 2s);
}

TEST_P(Dispatch, WhatWasClaimedBeforeAWithdrawalIsNotSentWhenConsentHasComeBack) {
    const auto mia = consenting("mia@example.org"), tom = consenting("tom@example.org");
    EXPECT_TRUE(queue_event(mia, learning()));
    EXPECT_TRUE(queue_case(tom, flow("support/desk", service_improve)));
    const auto withdraw_and_give_again = [&]() -> boost::asio::awaitable<void> {
        clock_.advance(1s);
        for (const bool allowed : {false, true})
            (void)co_await choices_.record(mia, {{learning().instance, content_performance, allowed}},
                                           shown());
        clock_.advance(1s);
    };
    // Claimed by one dispatcher; the choice changes twice before it is sent.
    const auto claimed = write([&](storage::Transaction& tx) -> Result<std::vector<storage::OutboxEvent>> {
        return storage::outbox::claim(tx, cipher(), "analytics/probe", "node-b", 10, clock_.now(), 60s);
    });
    ASSERT_EQ(claimed.size(), 1u);
    run(withdraw_and_give_again());
    const auto late = run(
        gate_.send_queued<analytics::Deliver>(learning().instance, content_performance,
                                              {{mia, claimed[0].payload.value(), claimed[0].created_at}}));
    EXPECT_EQ(late.refused.size(), 1u);
    EXPECT_TRUE(plugins_.calls.empty());

    // And before the first byte leaves.
    EXPECT_TRUE(queue_event(mia, learning()));
    std::optional<Error> refused;
    plugins_.answer = [&](gate::PluginCall call) -> Answer {
        co_await withdraw_and_give_again();
        auto emission = co_await emissions_.begin(call.scope, {{}, "lrs.example:443", "POST"});
        if (!emission)
            refused = emission.error();
        co_return Error(ErrorKind::temporary, "no");
    };
    dispatch();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->kind, ErrorKind::denied);

    // What happens afterwards flows again.
    EXPECT_TRUE(queue_event(mia, learning()));
    plugins_.answer = gate::FakePlugins::accept_all;
    plugins_.calls.clear();
    dispatch();
    ASSERT_EQ(plugins_.calls.size(), 1u);
    EXPECT_EQ(plugins_.calls[0].scope.records.size(), 1u);
}

TEST_P(Dispatch, WaitsLongerAfterEachFailureAndGivesUp) {
    EXPECT_TRUE(queue_event(consenting("mia@example.org"), learning()));
    answer_with(Error(ErrorKind::temporary, "the recipient is down"));
    std::chrono::microseconds before{0};
    for (int attempt = 1; attempt < 30; ++attempt) {
        EXPECT_EQ(dispatch(), 0);
        EXPECT_EQ(plugins_.calls.size(), static_cast<std::size_t>(attempt));
        const auto wait = next_due_in();
        EXPECT_TRUE(wait > before || wait == 1h) << attempt;
        before = wait;
        clock_.advance(wait - 1us);
        EXPECT_EQ(dispatch(), 0) << "not before its time";
        EXPECT_EQ(plugins_.calls.size(), static_cast<std::size_t>(attempt));
        clock_.advance(1us);
    }
    dispatch();
    EXPECT_EQ(queue()[OutboxState::failed], 1);
}

TEST_P(Dispatch, ComesBackWhenTheRecipientSaysSo) {
    EXPECT_TRUE(queue_event(consenting("mia@example.org"), learning()));
    answer_with(Error(ErrorKind::rate_limited, "slower", 90s));
    EXPECT_EQ(dispatch(), 0);
    EXPECT_EQ(next_due_in(), 90s);
    plugins_.answer = gate::FakePlugins::accept_all;
    clock_.advance(90s);
    EXPECT_EQ(dispatch(), 1);
    EXPECT_EQ(queue()[OutboxState::delivered], 1);
}

TEST_P(Dispatch, EndsWhatCanNeverWork) {
    const auto mia = consenting("mia@example.org");
    for (const auto kind : {ErrorKind::unsupported, ErrorKind::invalid_input, ErrorKind::permanent}) {
        EXPECT_TRUE(queue_event(mia, learning()));
        answer_with(Error(kind, "never"));
        EXPECT_EQ(dispatch(), 1);
    }
    EXPECT_EQ(queue()[OutboxState::failed], 3);
    EXPECT_THAT(log_.back(), HasSubstr("never"));
    for (const auto kind : {ErrorKind::invalid_config, ErrorKind::not_found, ErrorKind::conflict}) {
        EXPECT_TRUE(queue_event(mia, learning()));
        answer_with(Error(kind, "perhaps later"));
        EXPECT_EQ(dispatch(), 0);
    }
    EXPECT_EQ(queue()[OutboxState::queued], 3) << "somebody may repair it";
    EXPECT_EQ(queue()[OutboxState::failed], 3);
}

TEST_P(Dispatch, DoesNotDiscloseAgainForAnAnswerThatCannotBeRead) {
    const auto mia = consenting("mia@example.org");
    // As the channel says it of an answer that breaks the rules, and as the gate does of one that is none of
    // the operation.
    answer_with(Error(ErrorKind::permanent, "answered with something that is not a JSON document"));
    EXPECT_TRUE(queue_event(mia, learning()));
    EXPECT_EQ(dispatch(), 1);
    plugins_.answer = [](gate::PluginCall) -> Answer { co_return R"({"deliveries":"all"})"; };
    EXPECT_TRUE(queue_event(mia, learning()));
    EXPECT_EQ(dispatch(), 1);
    EXPECT_EQ(plugins_.calls.size(), 2u);
    EXPECT_EQ(queue()[OutboxState::failed], 2) << "it may have arrived";
    clock_.advance(24h);
    EXPECT_EQ(dispatch(), 0);
    EXPECT_EQ(plugins_.calls.size(), 2u);
}

TEST_P(Dispatch, TakesEachEventsOwnOutcome) {
    const auto mia = consenting("mia@example.org");
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i)
        ids.push_back(queue_event(mia, learning())->text());
    plugins_.answer = [&](gate::PluginCall) -> Answer {
        using enum analytics::DeliveryOutcome;
        // Nothing of the last; and one that was never sent.
        analytics::DeliverReply reply{{{ids[0], accepted, {}},
                                       {ids[1], duplicate, {}},
                                       {ids[2], unconfirmed, {}},
                                       {ids[3], rejected, "nothing about mia@canary.example"},
                                       {ids[4], retry, {}},
                                       {storage::EventId::make().text(), accepted, {}}}};
        co_return to_json(reply);
    };
    EXPECT_EQ(dispatch(), 4);
    EXPECT_EQ(queue()[OutboxState::delivered], 3);
    EXPECT_EQ(queue()[OutboxState::failed], 1);
    EXPECT_EQ(queue()[OutboxState::queued], 2);
    const auto lines = fmt::format("{}", fmt::join(log_, "\n"));
    EXPECT_THAT(lines, HasSubstr("rejected by the recipient"));
    EXPECT_THAT(lines, Not(HasSubstr("canary"))) << "what a recipient says may hold personal data";
}

TEST_P(Dispatch, WhatIsNotEnabledAnyMoreOrUnknownGoesNowhere) {
    const auto mia = consenting("mia@example.org");
    EXPECT_TRUE(queue_event(mia, learning()));
    write([&](storage::Transaction& tx) {
        return storage::outbox::append(
            tx, cipher(), {storage::EventId::make(), "support/desk", "no.such", service_improve, mia, "{}"},
            clock_.now());
    });
    gate_.replace_policy(test::compile_policy(
        test::settings_head() + "plugins: {support/desk: {recipient: {self: true}, settings: {endpoint: "
                                "'https://help.example'}}}\n",
        {test::desk_manifest()}));
    EXPECT_EQ(dispatch(), 2);
    EXPECT_EQ(queue()[OutboxState::dropped], 1);
    EXPECT_EQ(queue()[OutboxState::failed], 1);
    EXPECT_TRUE(plugins_.calls.empty());
}

TEST_P(Dispatch, ARecipientThatWasDownAtTheWithdrawalGetsNothingWhenItComesBack) {
    const auto mia = consenting("mia@example.org"), tom = consenting("tom@example.org");
    EXPECT_TRUE(queue_event(mia, learning()));
    EXPECT_TRUE(queue_event(tom, learning()));
    answer_with(Error(ErrorKind::temporary, "connection refused"));
    EXPECT_EQ(dispatch(), 0);
    choose(mia, learning(), false);
    clock_.advance(1h);
    plugins_.answer = gate::FakePlugins::accept_all;
    plugins_.calls.clear();
    EXPECT_EQ(dispatch(), 1);
    ASSERT_EQ(plugins_.calls.size(), 1u);
    EXPECT_THAT(plugins_.calls[0].document, Not(HasSubstr(pseudonym(mia, learning()))));
    choose(mia, learning(), true);
    clock_.advance(1h);
    EXPECT_EQ(dispatch(), 0);
    EXPECT_EQ(plugins_.calls.size(), 1u);
}

TEST_P(Dispatch, WhatTookTooLongGoesBackBeforeSomebodyElseTakesItToo) {
    const auto mia = make_learner();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(queue_case(mia, flow("support/desk", service_improve)));
    plugins_.answer = [&](gate::PluginCall call) -> Answer {
        clock_.advance(19s);
        co_return co_await gate::FakePlugins::accept_all(std::move(call));
    };
    // Claims last 60 s and a call at most 20 s: at 0, 19 and 38 s a call may begin, at 57 s none.
    EXPECT_EQ(dispatch(), 3);
    EXPECT_EQ(plugins_.calls.size(), 3u);
    EXPECT_EQ(queue()[OutboxState::queued], 2);
    EXPECT_EQ(dispatch(), 2);
    EXPECT_EQ(queue()[OutboxState::delivered], 5);
}

TEST_P(Dispatch, TwoDispatchersNeverSendOneEventTwice) {
    const auto mia = consenting("mia@example.org");
    constexpr std::size_t events = 60;
    for (std::size_t i = 0; i < events; ++i)
        EXPECT_TRUE(queue_event(mia, learning()));
    std::vector<std::jthread> nodes;
    for (const auto* name : {"node-b", "node-c"})
        nodes.emplace_back([&, name] {
            const auto own = storage::Database::open(url_).value();
            Dispatcher dispatcher(*own, cipher(), gate_, name, [](const std::string&) {}, {.batch = 3});
            boost::asio::io_context context;
            while (queue()[OutboxState::queued] > 0)
                run_in(context, dispatcher.run_once());
        });
    nodes.clear();
    std::map<std::string, int> sent;
    for (const auto& call : plugins_.calls) {
        const auto batch = boost::json::parse(call.document);
        for (const auto& event : batch.as_array())
            ++sent[std::string(event.at("id").as_string())];
    }
    EXPECT_EQ(sent.size(), events);
    for (const auto& [id, times] : sent)
        EXPECT_EQ(times, 1) << id;
    EXPECT_EQ(queue()[OutboxState::delivered], static_cast<long long>(events));
}

}  // namespace
}  // namespace calyptenora::dispatch
