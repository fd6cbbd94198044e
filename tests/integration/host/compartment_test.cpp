#include "support/host_fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

// How far and how long a plugin can remember: not from one purpose to another, not past a withdrawal, not
// into the generation of a changed file.
namespace calyptenora::host {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto one_purpose = static_cast<Purpose>(0), another_purpose = static_cast<Purpose>(1);

/// Answers when it is told to.
class SlowEgress final : public EgressBroker {
  public:
    asio::awaitable<Result<HttpResponse>> http(const EgressOrigin&, HttpRequest) override {
        ++waiting;
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (!answers) {
            timer.expires_after(2ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return HttpResponse{.status = 204, .headers = {}, .body = {}};
    }
    asio::awaitable<Result<MailReceipt>> mail(const EgressOrigin&, MailRequest) override {
        co_return Error(ErrorKind::unsupported, "no mail");
    }
    std::atomic<int> waiting = 0;
    std::atomic<bool> answers = false;
};

class Compartments : public HostFixture {
  protected:
    void SetUp() override {
        fs::create_directories(folder_ / "analytics");
        fs::copy(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins/analytics/keeps", file().parent_path(),
                 fs::copy_options::recursive);
        open(folder_);
    }
    ~Compartments() override { fs::remove_all(folder_); }
    EgressBroker& egress() override { return egress_; }

    InstancePlan keeps() const { return plan("analytics/keeps"); }
    void start(const InstancePlan& wanted) {
        run(host_->apply({wanted}));
        ASSERT_EQ(state("analytics/keeps").kind, PluginState::Kind::ready) << state("analytics/keeps").reason;
    }

    static std::string event(const std::string& id, const std::string& platform = "x") {
        return R"([{"id":")" + id + R"(","platform":")" + platform + R"("}])";
    }
    void give(const std::string& id) { ASSERT_EQ(failure("analytics/keeps", "deliver", event(id)), ""); }
    /// What the plugin knows, as it says.
    std::string known() {
        const auto text = failure("analytics/keeps", "retract", R"({"ids":[]})");
        return text.substr(text.rfind("keeps ") + 6);
    }
    void withdraw(const storage::SubjectId& subject) {
        run(host_->cancel(subject, id("analytics/keeps"), purpose_));
    }
    /// A call that is under way for `subject_`.
    std::future<Result<std::string>> begin_slow(const std::string& id) {
        const auto before = egress_.waiting.load();
        auto slow = spawn(host_->call(make_call("analytics/keeps", "deliver", event(id, "slow"))));
        while (egress_.waiting == before)
            std::this_thread::sleep_for(1ms);
        return slow;
    }
    fs::path file() const { return folder_ / "analytics/keeps/keeps.so"; }
    /// The same program, in a file that is another one.
    void change_file() {
        const auto changed = folder_ / "changed.so";
        fs::copy(file(), changed, fs::copy_options::overwrite_existing);
        std::ofstream(changed, std::ios::app) << "changed";
        fs::rename(changed, file());
    }

    SlowEgress egress_;

  private:
    static fs::path make_folder() {
        auto name = (fs::temp_directory_path() / "calyptenora-test-XXXXXX").string();
        return mkdtemp(name.data());
    }
    const fs::path folder_ = make_folder();
};

TEST_F(Compartments, WhatOnePurposeBroughtIsUnknownToAnother) {
    auto both = keeps();
    both.purposes = {one_purpose, another_purpose};
    start(both);
    give("canary");
    EXPECT_EQ(known(), "canary;");
    purpose_ = another_purpose;
    EXPECT_EQ(known(), "");
    give("other");
    EXPECT_EQ(known(), "other;");
}

TEST_F(Compartments, APurposeThatIsNotGrantedIsNotServed) {
    start(keeps());
    purpose_ = another_purpose;
    const auto refused = call("analytics/keeps", "deliver", event("canary"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
    EXPECT_EQ(refused.error().message,
              "analytics/keeps: does not work for " + std::string(key_of(another_purpose)));
}

TEST_F(Compartments, AWithdrawalEndsTheLifeThatKnewTheLearner) {
    start(keeps());
    give("canary");
    const auto learner = subject_;
    subject_ = storage::SubjectId::make();
    // One of whom it knows nothing.
    withdraw(subject_);
    EXPECT_EQ(known(), "canary;");

    auto others = begin_slow("other");
    withdraw(learner);
    const auto outcome = others.get();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::temporary);
    EXPECT_EQ(known(), "");
    EXPECT_EQ(state("analytics/keeps").kind, PluginState::Kind::ready);
    EXPECT_TRUE(log_.has("analytics/keeps: was started anew, since a learner has withdrawn")) << log_.text();
}

TEST_F(Compartments, WhatWasDecidedBeforeAWithdrawalIsNotHandedOverAfterIt) {
    for (const bool restarts : {true, false}) {
        auto wanted = keeps();
        wanted.restart_on_withdrawal = restarts;
        start(wanted);
        const auto late = make_call("analytics/keeps", "deliver", event("canary"));
        const auto bystander = std::exchange(subject_, storage::SubjectId::make());
        const auto others = make_call("analytics/keeps", "deliver", event("other"));
        withdraw(bystander);

        const auto refused = run(host_->call(late));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(), Error(ErrorKind::denied,
                                         "analytics/keeps: deliver: the permission was "
                                         "withdrawn before the call"));
        EXPECT_TRUE(run(host_->call(others)));
        EXPECT_EQ(known(), "other;");
        // What the learner allows after that is another matter.
        subject_ = bystander;
        give("again");
        EXPECT_EQ(known(), "other;again;");
        run(host_->apply({}));
    }
}

TEST_F(Compartments, WithdrawalsAtTheSameTimeEndInOneLife) {
    start(keeps());
    std::vector<storage::SubjectId> learners;
    for (int i = 0; i < 5; ++i) {
        learners.push_back(subject_ = storage::SubjectId::make());
        give("canary");
    }
    const auto instance = id("analytics/keeps");  // Outlives the coroutines, which refer to it.
    std::vector<std::future<void>> withdrawals;
    for (const auto& learner : learners)
        withdrawals.push_back(spawn(host_->cancel(learner, instance, purpose_)));
    for (auto& withdrawal : withdrawals)
        withdrawal.get();
    EXPECT_EQ(known(), "");
}

TEST_F(Compartments, TheOperatorCanKeepItAlive) {
    auto wanted = keeps();
    wanted.restart_on_withdrawal = false;
    start(wanted);
    give("canary");
    withdraw(subject_);
    EXPECT_EQ(known(), "canary;");
}

TEST_F(Compartments, AChangedFileIsANewGenerationAndTheOldOneEndsWhenItsCallsAreOver) {
    start(keeps());
    run(host_->apply({keeps()}));
    give("old");
    run(host_->apply({keeps()}));
    EXPECT_EQ(known(), "old;") << "the same file is the same generation";

    auto slow = begin_slow("slow");
    change_file();
    start(keeps());
    EXPECT_EQ(known(), "");
    give("new");
    EXPECT_EQ(slow.wait_for(0s), std::future_status::timeout);
    egress_.answers = true;
    const auto answer = slow.get();
    EXPECT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(known(), "new;");
}

TEST_F(Compartments, AWithdrawalReachesAGenerationThatEnds) {
    start(keeps());
    give("canary");
    const auto learner = subject_;
    subject_ = storage::SubjectId::make();
    auto slow = begin_slow("other");
    change_file();
    start(keeps());
    withdraw(learner);
    const auto outcome = slow.get();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::temporary);
}

TEST_F(Compartments, AChangedFileThatIsRefusedChangesNothing) {
    start(keeps());
    give("canary");
    fs::remove(file());
    std::ofstream(file()) << "no library";
    run(host_->apply({keeps()}));
    EXPECT_EQ(known(), "canary;");
    EXPECT_TRUE(log_.has("analytics/keeps: goes on as it is, since its file is refused: ")) << log_.text();
}

TEST_F(Compartments, AStopEndsAGenerationThatWaitsForItsCalls) {
    start(keeps());
    auto slow = begin_slow("slow");
    change_file();
    start(keeps());
    run(host_->stop());
    EXPECT_FALSE(slow.get());
}

}  // namespace
}  // namespace calyptenora::host
