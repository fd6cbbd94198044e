#include "integration/gate/gate_fixture.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/leases.hpp"

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <thread>

namespace calyptenora::gate {
namespace {

using namespace std::chrono_literals;
using storage::DisclosureKind;

class EmissionsBegin : public GateTest {
  protected:
    Result<std::unique_ptr<Emission>> begin(const CallScope& call, std::vector<std::size_t> records = {}) {
        return run(emissions_.begin(call, {std::move(records), "lrs.example:443", "POST"}));
    }
    std::vector<storage::Disclosure> ledger(const storage::SubjectId& subject) {
        return read([&](storage::Transaction& tx) -> Result<std::vector<storage::Disclosure>> {
            EXPECT_TRUE(storage::disclosures::verify(tx, secrets(), subject).empty());
            return storage::disclosures::list(tx, subject, 100);
        });
    }
    std::size_t leases(const storage::SubjectId& subject) {
        return read([&](storage::Transaction& tx) {
            return Result<std::size_t>(storage::leases::list_held(tx, subject, clock_.now()).size());
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(EmissionsBegin);

TEST_P(EmissionsBegin, WithAnAttemptInTheLedgerAndEndWithItsOutcome) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    const auto call = scope(learning(), {mia});
    auto emission = begin(call);
    ASSERT_TRUE(emission) << emission.error().message;
    EXPECT_EQ(leases(mia), 1u);
    const auto attempted = ledger(mia);
    ASSERT_EQ(attempted.size(), 1u) << "committed before the first byte";
    EXPECT_EQ(attempted[0].kind, DisclosureKind::attempted);
    EXPECT_EQ(attempted[0].call_id, call.call);
    EXPECT_EQ(attempted[0].instance, "analytics/probe");
    EXPECT_EQ(attempted[0].recipient, "Lernstatistik AG");
    EXPECT_EQ(attempted[0].purpose, content_performance);
    EXPECT_EQ(attempted[0].host, "lrs.example:443");
    EXPECT_EQ(attempted[0].categories, learning().flow.granted);
    EXPECT_FALSE(attempted[0].commitment.empty());

    run((*emission)->release());
    EXPECT_EQ(leases(mia), 0u);
    run((*emission)->settle("HTTP 200"));
    const auto both = ledger(mia);
    ASSERT_EQ(both.size(), 2u);
    EXPECT_EQ(both[0].kind, DisclosureKind::outcome);
    EXPECT_EQ(both[0].outcome, "HTTP 200");
    EXPECT_EQ(both[0].call_id, call.call);
    EXPECT_TRUE(both[0].commitment.empty());
    run((*emission)->settle("HTTP 200"));
    EXPECT_EQ(ledger(mia).size(), 2u) << "an outcome is told once";
}

TEST_P(EmissionsBegin, NotAfterAWithdrawal) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    const auto call = scope(learning(), {mia});
    choose(mia, learning(), false);
    const auto emission = begin(call);
    ASSERT_FALSE(emission);
    EXPECT_EQ(emission.error().kind, ErrorKind::denied);
    EXPECT_TRUE(ledger(mia).empty()) << "what was not attempted is not in the ledger";
    EXPECT_EQ(leases(mia), 0u);
}

TEST_P(EmissionsBegin, NotWithMoreThanIsReleasedNow) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    const auto call = scope(learning(), {mia});
    reload("progress: true, user.name: true", "progress: true, user.name: false");
    EXPECT_FALSE(begin(call)) << "the document holds a name that is no longer granted";
    EXPECT_TRUE(begin(scope(learning(), {mia})));
    gate_.replace_policy(test::compile_policy(test::settings_head(), {}));
    EXPECT_FALSE(begin(call)) << "the plugin is not enabled any more";
}

TEST_P(EmissionsBegin, ForTheWholeBatchOrNotAtAll) {
    const auto mia = make_learner(), tom = make_learner("tom@example.org");
    choose(mia, learning(), true);
    choose(tom, learning(), true);
    const auto call = scope(learning(), {mia, tom, mia});
    auto emission = begin(call);
    ASSERT_TRUE(emission);
    EXPECT_EQ(leases(mia), 1u);
    EXPECT_EQ(leases(tom), 1u);
    run((*emission)->settle("HTTP 200"));
    EXPECT_EQ(ledger(mia).size(), 4u);
    EXPECT_EQ(ledger(tom).size(), 2u);

    choose(tom, learning(), false);
    EXPECT_FALSE(begin(call));
    EXPECT_EQ(ledger(mia).size(), 4u);
    EXPECT_EQ(leases(mia), 0u);
    auto without_tom = begin(call, {0, 2});
    ASSERT_TRUE(without_tom);
    EXPECT_EQ(leases(tom), 0u);
    run((*without_tom)->settle("HTTP 200"));
    EXPECT_EQ(ledger(mia).size(), 8u);
    EXPECT_EQ(ledger(tom).size(), 2u);
    const auto beyond = begin(call, {3});
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().kind, ErrorKind::invalid_input);
}

TEST_P(EmissionsBegin, FreelyForACallAboutNobody) {
    auto emission = begin(scope(learning(), {}));
    ASSERT_TRUE(emission);
    run((*emission)->settle("HTTP 200"));
}

TEST_P(EmissionsBegin, AndAWithdrawalWaitsForTheFirstByteOfThose) {
    const auto mia = make_learner(), tom = make_learner("tom@example.org");
    choose(mia, learning(), true);
    choose(tom, learning(), true);
    auto emission = begin(scope(learning(), {mia})).value();

    boost::asio::io_context context;
    auto work = boost::asio::make_work_guard(context);
    std::jthread thread([&] { context.run(); });
    const auto withdraw = [&](const storage::SubjectId& subject) {
        return boost::asio::co_spawn(
            context, choices_.record(subject, {{learning().instance, content_performance, false}}, shown()),
            boost::asio::use_future);
    };
    EXPECT_EQ(withdraw(tom).wait_for(10s), std::future_status::ready) << "nobody waits for other people";
    auto withdrawal = withdraw(mia);
    // The choice is committed at once; only the answer waits.
    while (standing(mia, learning()).state != ConsentState::withdrawn)
        std::this_thread::sleep_for(1ms);
    EXPECT_FALSE(begin(scope(learning(), {mia}))) << "nothing new begins while it waits";
    EXPECT_EQ(withdrawal.wait_for(200ms), std::future_status::timeout);
    run(emission->release());
    EXPECT_EQ(withdrawal.wait_for(10s), std::future_status::ready);
    EXPECT_TRUE(withdrawal.get());
    run(emission->settle("HTTP 200"));
    work.reset();
}

TEST_P(EmissionsBegin, AndAreGivenUpWithTheirOwner) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    const auto call = scope(learning(), {mia});
    // As a call that is cancelled between its permission and its first byte.
    const auto abandon = [](Emissions& emissions, CallScope of) -> boost::asio::awaitable<void> {
        const auto emission = co_await emissions.begin(of, {{}, "lrs.example:443", "POST"});
        EXPECT_TRUE(emission);
    };
    run(abandon(emissions_, call));
    EXPECT_EQ(leases(mia), 0u) << "a withdrawal would wait for a first byte that never comes";
    ASSERT_EQ(ledger(mia).size(), 1u) << "nobody knows how it ended";
}

// The tables are put out of reach between the commit and the waiting.
TEST_P(EmissionsBegin, AndAWithdrawalThatCannotReadTheLeasesWaitsUntilNoneCanHold) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    auto emission = begin(scope(learning(), {mia})).value();
    const auto rename = [&](std::string_view from, std::string_view to) {
        database()
            .transaction_blocking([&](storage::Transaction& tx) -> Status {
                tx.execute(fmt::format("alter table {} rename to {}", from, to));
                return {};
            })
            .value();
    };
    std::atomic<bool> committed = false;
    plugins_.on_cancel = [&] {
        rename("emission_leases", "out_of_reach");
        committed = true;
    };
    boost::asio::io_context context;
    auto work = boost::asio::make_work_guard(context);
    std::jthread thread([&] { context.run(); });
    const auto withdraw = [&] {
        return boost::asio::co_spawn(
            context, choices_.record(mia, {{learning().instance, content_performance, false}}, shown()),
            boost::asio::use_future);
    };
    auto withdrawal = withdraw();
    while (!committed)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(withdrawal.wait_for(300ms), std::future_status::timeout) << "an emission may be under way";
    EXPECT_TRUE(emission->is_in_time());
    clock_.advance(lease_time - 1s);
    EXPECT_EQ(withdrawal.wait_for(300ms), std::future_status::timeout);
    EXPECT_FALSE(emission->is_in_time());
    clock_.advance(1s);
    ASSERT_EQ(withdrawal.wait_for(10s), std::future_status::ready)
        << "it answers, whatever the database does";
    EXPECT_TRUE(withdrawal.get());
    EXPECT_FALSE(begin(scope(learning(), {mia}))) << "nothing is granted that cannot be written down";

    // It does not wait that long if the database comes back.
    rename("out_of_reach", "emission_leases");
    plugins_.on_cancel = nullptr;
    choose(mia, learning(), true);
    emission = begin(scope(learning(), {mia})).value();
    committed = false;
    plugins_.on_cancel = [&] {
        rename("emission_leases", "out_of_reach");
        committed = true;
    };
    withdrawal = withdraw();
    while (!committed)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(withdrawal.wait_for(300ms), std::future_status::timeout);
    rename("out_of_reach", "emission_leases");
    EXPECT_EQ(withdrawal.wait_for(300ms), std::future_status::timeout)
        << "the lease is held, and can be read";
    run(emission->release());
    EXPECT_EQ(withdrawal.wait_for(10s), std::future_status::ready);
    EXPECT_TRUE(withdrawal.get());
    work.reset();
}

TEST_P(EmissionsBegin, AndWhatTheyLeaveBehindIsGivenBackBeforeTheEnd) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    boost::asio::io_context context;
    auto work = boost::asio::make_work_guard(context);
    std::jthread thread([&] { context.run(); });
    Emissions emissions(context.get_executor(), database(), cipher(), gate_, "node-b");
    const auto begin_and_drop = [&] {
        EXPECT_TRUE(run(emissions.begin(scope(learning(), {mia}), {{}, "lrs.example:443", "POST"})));
    };
    for (int i = 0; i < 20; ++i)
        begin_and_drop();
    emissions.stop();
    EXPECT_EQ(leases(mia), 0u);
    begin_and_drop();
    EXPECT_EQ(leases(mia), 1u) << "after the end it has nobody to do it, and runs out";
    emissions.stop();
    work.reset();
}

TEST_P(EmissionsBegin, AndAreTooLateWhenTheirLeaseHasRunOut) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    const auto emission = begin(scope(learning(), {mia})).value();
    EXPECT_TRUE(emission->is_in_time());
    clock_.advance(16s);
    EXPECT_FALSE(emission->is_in_time()) << "well before a withdrawal stops waiting for it";
    choose(mia, learning(), true);
    EXPECT_EQ(leases(mia), 1u);
    clock_.advance(5s);
    EXPECT_EQ(leases(mia), 0u);
    choose(mia, learning(), false);  // does not wait for a node that has died
    EXPECT_TRUE(begin(scope(learning(), {}))) << "a call about nobody is always in time";
    EXPECT_TRUE(begin(scope(learning(), {})).value()->is_in_time());
}

TEST_P(EmissionsBegin, AndTheStoreIsOpenToOneSubjectWhoseFlowIsOpen) {
    const auto mia = make_learner(), tom = make_learner("tom@example.org");
    const auto may_store = [&](std::vector<storage::SubjectId> subjects) {
        return run(emissions_.may_store(scope(learning(), std::move(subjects)))).has_value();
    };
    EXPECT_FALSE(may_store({mia}));
    choose(mia, learning(), true);
    choose(tom, learning(), true);
    EXPECT_TRUE(may_store({mia}));
    EXPECT_FALSE(may_store({mia, tom}));
    EXPECT_FALSE(may_store({}));
    choose(mia, learning(), false);
    EXPECT_FALSE(may_store({mia}));
    const auto toms = scope(learning(), {tom});
    EXPECT_TRUE(run(emissions_.may_store(toms)));
    gate_.replace_policy(test::compile_policy(test::settings_head(), {}));
    EXPECT_FALSE(run(emissions_.may_store(toms)));
}

}  // namespace
}  // namespace calyptenora::gate
