#include "support/host_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Never answers; counts who waits.
class EndlessEgress final : public EgressBroker {
  public:
    asio::awaitable<Result<HttpResponse>> http(const EgressOrigin&, HttpRequest) override {
        struct Counted {
            explicit Counted(std::atomic<int>& all) : count(all) { ++count; }
            Counted(const Counted&) = delete;
            Counted& operator=(const Counted&) = delete;
            ~Counted() { --count; }
            std::atomic<int>& count;
        };
        const Counted counted(waiting);
        asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
        co_await timer.async_wait(asio::use_awaitable);
        co_return Error(ErrorKind::temporary, "after an hour");
    }
    asio::awaitable<Result<MailReceipt>> mail(const EgressOrigin&, MailRequest) override {
        co_return Error(ErrorKind::unsupported, "no mail");
    }
    std::atomic<int> waiting = 0;
};

/// The same promises, wherever the plugin runs.
class Channel : public HostFixture, public testing::WithParamInterface<settings::Isolation> {
  protected:
    void SetUp() override {
        open(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins",
             {.waiting_calls = 8, .live_calls = 16, .hang_grace = 500ms});
        run(host_->apply({plan("analytics/waits"), plan("analytics/good")}));
        ASSERT_EQ(state("analytics/waits").kind, PluginState::Kind::ready) << state("analytics/waits").reason;
    }
    EgressBroker& egress() override { return egress_; }
    settings::Isolation isolation() const override { return GetParam(); }

    template <class F>
    static bool becomes_true(F condition) {
        const auto until = std::chrono::steady_clock::now() + 5s;
        while (!condition())
            if (std::chrono::steady_clock::now() > until)
                return false;
            else
                std::this_thread::sleep_for(2ms);
        return true;
    }
    /// How many coroutines the plugin holds, by its own count.
    std::string suspended() {
        const auto text = failure("analytics/waits", "retract", R"({"ids":[]})");
        return text.substr(text.rfind(' ') + 1);
    }

    EndlessEgress egress_;
};

TEST_P(Channel, ADeadlineFreesTheCallOnBothSides) {
    EXPECT_EQ(failure("analytics/waits", "deliver", "[]", 50ms),
              "analytics/waits: deliver: did not answer before its deadline");
    EXPECT_TRUE(becomes_true([&] { return egress_.waiting == 0; }));
    EXPECT_EQ(suspended(), "0");
    EXPECT_EQ(state("analytics/waits").kind, PluginState::Kind::ready);
}

TEST_P(Channel, AWithdrawalEndsTheCallsAboutThatLearnerOnly) {
    auto lives_on = plan("analytics/waits");
    lives_on.restart_on_withdrawal = false;
    run(host_->apply({lives_on}));
    auto mine = spawn(host_->call(make_call("analytics/waits", "deliver", "[]")));
    const auto learner = subject_;
    subject_ = storage::SubjectId::make();
    auto another = spawn(host_->call(make_call("analytics/waits", "deliver", "[]")));
    ASSERT_TRUE(becomes_true([&] { return egress_.waiting == 2; }));
    EXPECT_EQ(suspended(), "2");

    run(host_->cancel(learner, id("analytics/waits"), purpose_));
    EXPECT_EQ(egress_.waiting, 1);
    const auto outcome = mine.get();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::denied);
    EXPECT_EQ(suspended(), "1");
    EXPECT_EQ(another.wait_for(0s), std::future_status::timeout);
    run(host_->stop());
    EXPECT_EQ(another.get().error().message, "analytics/waits: deliver: is being stopped");
}

TEST_P(Channel, ACallThatNobodyAwaitsAnyMoreEnds) {
    asio::io_context other;
    {
        asio::cancellation_signal signal;
        auto abandoned = asio::co_spawn(other, host_->call(make_call("analytics/waits", "deliver", "[]")),
                                        asio::bind_cancellation_slot(signal.slot(), asio::use_future));
        while (egress_.waiting == 0)
            other.poll();
        signal.emit(asio::cancellation_type::terminal);
        other.restart();
        other.run();
        EXPECT_FALSE(abandoned.get());
    }
    EXPECT_TRUE(becomes_true([&] { return egress_.waiting == 0; }));
    EXPECT_EQ(suspended(), "0");
}

TEST_P(Channel, ACallWhoseCoroutineIsDestroyedEnds) {
    {
        asio::io_context other;
        auto abandoned = asio::co_spawn(other, host_->call(make_call("analytics/waits", "deliver", "[]")),
                                        asio::use_future);
        while (egress_.waiting == 0)
            other.poll();
    }
    EXPECT_TRUE(becomes_true([&] { return egress_.waiting == 0; }));
    EXPECT_EQ(suspended(), "0");
}

TEST_P(Channel, TooManyCallsAreTurnedAway) {
    std::vector<std::future<Result<std::string>>> calls;
    for (int i = 0; i < 40; ++i)
        calls.push_back(spawn(host_->call(make_call("analytics/waits", "deliver", "[]", 300ms))));
    int turned_away = 0, expired = 0;
    for (auto& call : calls) {
        const auto outcome = call.get();
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().kind, ErrorKind::temporary);
        (outcome.error().message.find("overloaded") != std::string::npos ? turned_away : expired)++;
    }
    EXPECT_GE(turned_away, 24);
    EXPECT_EQ(turned_away + expired, 40);
    EXPECT_EQ(suspended(), "0");
}

TEST_P(Channel, TheStoreIsOfOneLearnerAndPurpose) {
    const std::string event = R"([{"id":"same","platform":"x"}])";
    const auto first = call("analytics/good", "deliver", event);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_NE(first->find("accepted"), std::string::npos);
    EXPECT_NE(call("analytics/good", "deliver", event)->find("duplicate"), std::string::npos);
    subject_ = storage::SubjectId::make();
    EXPECT_NE(call("analytics/good", "deliver", event)->find("accepted"), std::string::npos);
    auto both = plan("analytics/good");
    both.purposes.push_back(static_cast<Purpose>(1));
    run(host_->apply({both}));
    purpose_ = static_cast<Purpose>(1);
    EXPECT_NE(call("analytics/good", "deliver", event)->find("accepted"), std::string::npos);
    guard_.denies = true;
    EXPECT_EQ(failure("analytics/good", "deliver", event),
              "analytics/good (" + std::string(key_of(purpose_)) + "): deliver: the learner has withdrawn");
}

TEST_P(Channel, AChangedPlanReplacesTheInstanceAndOthersGoOn) {
    auto waiting = spawn(host_->call(make_call("analytics/waits", "deliver", "[]")));
    ASSERT_TRUE(becomes_true([&] { return egress_.waiting == 1; }));
    auto changed = plan("analytics/good");
    changed.egress.push_back({"lrs.example", 443});
    auto off = plan("analytics/waits@second");
    off.wanted = Wanted::no_recipient;
    run(host_->apply({plan("analytics/waits"), changed, off}));
    EXPECT_EQ(egress_.waiting, 1);
    EXPECT_EQ(failure("analytics/good", "deliver", "[]"), "");
    EXPECT_EQ(state("analytics/waits@second").kind, PluginState::Kind::no_recipient);
    EXPECT_EQ(failure("analytics/waits@second", "deliver", "[]"),
              "analytics/waits@second: is not running (no_recipient)");
    run(host_->apply({changed}));
    EXPECT_EQ(failure("analytics/waits", "deliver", "[]"), "analytics/waits: is not configured");
    // What is under way may still end by itself.
    EXPECT_EQ(waiting.wait_for(0s), std::future_status::timeout);
    run(host_->stop());
    EXPECT_FALSE(waiting.get());
}

INSTANTIATE_TEST_SUITE_P(, Channel,
                         testing::Values(settings::Isolation::in_process, settings::Isolation::worker),
                         name_of_isolation);

}  // namespace
}  // namespace calyptenora::host
