#include "platform/housekeeping.hpp"

#include "platform/retention.hpp"
#include "storage/inventory.hpp"
#include "storage/stores/leases.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/retained.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/throttle.hpp"
#include "storage/stores/tombstones.hpp"
#include "support/databases.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace calyptenora::platform {
namespace {

using namespace std::chrono_literals;

class HousekeepingTest : public test::StoreTest {
  protected:
    Swept sweep() {
        boost::asio::io_context context;
        auto future = boost::asio::co_spawn(context, keeper_.run_once(), boost::asio::use_future);
        context.run();
        return future.get().value();
    }
    void open_session(const storage::SubjectId& subject, std::chrono::hours idle,
                      std::chrono::hours absolute) {
        write([&](storage::Transaction& tx) -> Status {
            storage::sessions::insert(tx, storage::sessions::make_token(),
                                      {.id = storage::SessionId::make(),
                                       .subject = subject,
                                       .privilege = storage::Privilege::signed_in,
                                       .created_at = now_,
                                       .last_seen_at = now_,
                                       .idle_expires_at = now_ + idle,
                                       .absolute_expires_at = now_ + absolute,
                                       .authenticated_at = now_,
                                       .user_agent = "Firefox"});
            return {};
        });
    }
    std::size_t sessions_of(const storage::SubjectId& subject, storage::Timestamp at) {
        return read([&](storage::Transaction& tx) -> Result<std::size_t> {
            return storage::sessions::list(tx, subject, at).size();
        });
    }
    void count_attempt() {
        write([&](storage::Transaction& tx) -> Status {
            (void)storage::throttle::count(tx, secrets(), "sign_in", "mia@example.org", 15min, clock_.now());
            return {};
        });
    }

    storage::ManualClock clock_{now_};
    std::vector<std::string> log_;
    std::vector<PlannedDeletion> plan() {
        boost::asio::io_context context;
        auto future = boost::asio::co_spawn(context, keeper_.plan(), boost::asio::use_future);
        context.run();
        return future.get().value();
    }
    PlannedDeletion planned(std::string_view category) {
        const auto all = plan();
        return *std::ranges::find(all, category, &PlannedDeletion::category);
    }
    DeletionLog proofs() {
        boost::asio::io_context context;
        auto future = boost::asio::co_spawn(context, keeper_.list_proofs(100), boost::asio::use_future);
        context.run();
        return future.get().value();
    }
    void queue_and_settle(const storage::LearnerId& learner) {
        write([&](storage::Transaction& tx) -> Status {
            if (auto queued =
                    storage::outbox::append(tx, cipher(),
                                            {storage::EventId::make(), "analytics/x", "deliver",
                                             Purpose::analytics_reporting_content_performance, learner, "{}"},
                                            clock_.now());
                !queued)
                return queued.error();
            storage::outbox::drop_all(tx, learner, "analytics/x",
                                      Purpose::analytics_reporting_content_performance, "withdrawn",
                                      clock_.now());
            return {};
        });
    }
    void retain(const char* until) {
        const auto mia = make_learner(fmt::format("{}@example.org", until));
        write([&](storage::Transaction& tx) -> Status {
            return storage::retained::keep(
                tx, cipher(),
                {storage::RetainedId::make(), mia, "booking_voucher", until, "orders", clock_.now()}, "{}");
        });
    }

    KeptFor kept_for_{{}, std::chrono::days(30)};
    Housekeeping keeper_{database(), cipher(), clock_, [this] { return kept_for_; },
                         [this](const std::string& line) { log_.push_back(line); }};
};
CALYPTENORA_ON_BOTH_DATABASES(HousekeepingTest);

TEST_P(HousekeepingTest, DeletesSessionsThatHaveRunOutAndNoOthers) {
    const auto mia = make_learner();
    open_session(mia, 1h, 100h);
    open_session(mia, 100h, 2h);
    open_session(mia, 100h, 100h);
    EXPECT_EQ(sweep(), Swept()) << "nothing is due yet";
    clock_.advance(3h);
    EXPECT_EQ(sweep().sessions, 2);
    EXPECT_EQ(sessions_of(mia, clock_.now()), 1u);
    EXPECT_EQ(sweep(), Swept()) << "once";
}

TEST_P(HousekeepingTest, DeletesWhatWasSentAfterThirtyDays) {
    const auto mia = make_learner();
    const auto queue = [&] {
        return write([&](storage::Transaction& tx) -> Result<storage::EventId> {
            const auto id = storage::EventId::make();
            const auto queued = storage::outbox::append(
                tx, cipher(),
                {id, "analytics/x", "deliver", Purpose::analytics_reporting_content_performance, mia, "{}"},
                clock_.now());
            if (!queued)
                return queued.error();
            return id;
        });
    };
    (void)queue();
    write([&](storage::Transaction& tx) -> Status {
        storage::outbox::drop_all(tx, mia, "analytics/x", Purpose::analytics_reporting_content_performance,
                                  "withdrawn", clock_.now());
        return {};
    });
    (void)queue();
    clock_.advance(29 * 24h);
    EXPECT_EQ(sweep().outgoing, 0);
    clock_.advance(2 * 24h);
    EXPECT_EQ(sweep().outgoing, 1) << "what still waits is not due, however long it has waited";
    const auto left = read([&](storage::Transaction& tx) -> Result<long long> {
        return storage::outbox::count(tx, "")[storage::OutboxState::queued];
    });
    EXPECT_EQ(left, 1);
}

TEST_P(HousekeepingTest, ForgetsAttemptsAfterADayAndLeasesOfTheDead) {
    const auto mia = make_learner();
    count_attempt();
    write([&](storage::Transaction& tx) -> Status {
        (void)storage::leases::grant(tx, {mia}, "node-that-died", clock_.now(), 20s);
        return {};
    });
    clock_.advance(30min);
    EXPECT_EQ(sweep(), Swept()) << "a lease that has just run out may still be waited for";
    clock_.advance(1h);
    EXPECT_EQ(sweep(), (Swept{.leases = 1}));
    clock_.advance(22h);
    count_attempt();
    EXPECT_EQ(sweep(), Swept());
    clock_.advance(2h);
    EXPECT_EQ(sweep(), (Swept{.attempts = 1})) << "not the one of two hours ago";
}

// What this job deletes, the privacy notice may promise of the program; what nobody deletes, it may not.
TEST_P(HousekeepingTest, IsWhatTheNoticeMeansByItself) {
    std::set<std::string> promised;
    for (const auto& entry : storage::inventory())
        if (const auto* rule = find_retention_rule(entry.retention);
            rule && rule->deleted_by == DeletedBy::program)
            promised.insert(entry.table);
    EXPECT_THAT(promised, testing::IsSupersetOf({"emission_leases", "outbox", "sessions", "throttle"}));
    EXPECT_THAT(promised, testing::Not(testing::Contains("consent_events"))) << "proof goes by hand";
}

TEST_P(HousekeepingTest, LoopsUntilItIsStopped) {
    const auto mia = make_learner();
    open_session(mia, 1h, 1h);
    clock_.advance(2h);
    boost::asio::io_context context;
    auto work = boost::asio::make_work_guard(context);
    std::thread thread([&] { context.run(); });
    keeper_.start(context);
    while (sessions_of(mia, now_) != 0)
        std::this_thread::sleep_for(10ms);
    const auto begin = std::chrono::steady_clock::now();
    keeper_.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s) << "not after the hour";
    work.reset();
    thread.join();
    EXPECT_THAT(log_, testing::ElementsAre(testing::HasSubstr("1 sessions")));
}

TEST_P(HousekeepingTest, PlansWhatItWillDoAndChangesNothing) {
    const auto mia = make_learner();
    queue_and_settle(mia);
    clock_.advance(24h);
    queue_and_settle(mia);
    retain("2026-11-25");
    retain("2026-11-26");
    const auto settled = clock_.now();
    EXPECT_EQ(planned("outgoing").due.rows, 0);
    EXPECT_EQ(planned("outgoing").due.later, 2);
    EXPECT_EQ(planned("outgoing").next_goes_at, settled + 29 * 24h);
    // The second is younger by one day, and stays.
    clock_.advance(29 * 24h + 1s);
    open_session(mia, -1h, 1h);
    count_attempt();
    for (int round = 0; round < 2; ++round) {
        const auto outgoing = planned("outgoing");
        EXPECT_EQ(outgoing.due,
                  (storage::Due{.rows = 1, .oldest = settled - 24h, .later = 1, .next = settled}));
        EXPECT_EQ(outgoing.next_goes_at, settled + 30 * 24h);
        EXPECT_EQ(outgoing.rule,
                  "30 days after it is settled; the payload until it is settled; mail that was "
                  "refused as long as the note");
        EXPECT_EQ(planned("sessions").due.rows, 1);
        EXPECT_EQ(planned("attempts").due.later, 1);
        EXPECT_EQ(planned("retained").due.rows, 2);
    }
    EXPECT_EQ(sweep(), (Swept{.sessions = 1, .outgoing = 1, .retained = 2}));
    for (const auto& row : plan())
        EXPECT_EQ(row.due.rows, 0) << row.category;
    EXPECT_EQ(planned("outgoing").due.later, 1);
}

TEST_P(HousekeepingTest, KeepsWhatLawDemandsThroughItsLastDay) {
    retain("2026-11-25");
    EXPECT_EQ(planned("retained").due.later, 1);
    EXPECT_EQ(planned("retained").next_goes_at,
              storage::Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)));
    EXPECT_EQ(sweep(), Swept());
    clock_.advance(11h + 59min);
    EXPECT_EQ(sweep(), Swept());
    clock_.advance(1min);
    EXPECT_EQ(sweep(), (Swept{.retained = 1}));
}

TEST_P(HousekeepingTest, GoesByTheSettingsThatAreInForce) {
    const auto mia = make_learner();
    queue_and_settle(mia);
    kept_for_.retention.outgoing_days = std::chrono::days(7);
    clock_.advance(7 * 24h);
    EXPECT_EQ(sweep(), Swept()) << "seven days, and not a moment less";
    clock_.advance(1s);
    EXPECT_EQ(planned("outgoing").rule,
              "7 days after it is settled; the payload until it is settled; mail that was "
              "refused as long as the note");
    EXPECT_EQ(sweep(), (Swept{.outgoing = 1}));
}

TEST_P(HousekeepingTest, LeavesAProofOfWhatItDeletedAndOfNothingElse) {
    const auto mia = make_learner();
    EXPECT_EQ(sweep(), Swept());
    EXPECT_TRUE(proofs().proofs.empty());
    queue_and_settle(mia);
    open_session(mia, 1h, 1h);
    clock_.advance(2h);
    EXPECT_EQ(sweep(), (Swept{.sessions = 1}));
    clock_.advance(31 * 24h);
    EXPECT_EQ(sweep(), (Swept{.outgoing = 1}));
    EXPECT_EQ(sweep(), Swept());
    const auto log = proofs();
    ASSERT_EQ(log.proofs.size(), 2u);
    EXPECT_FALSE(log.broken_at);
    EXPECT_EQ(log.proofs[0].category, "outgoing");
    EXPECT_EQ(log.proofs[0].deleted, 1);
    EXPECT_EQ(log.proofs[0].at, clock_.now());
    EXPECT_EQ(log.proofs[0].rule,
              "30 days after it is settled; the payload until it is settled; mail that was "
              "refused as long as the note");
    EXPECT_EQ(log.proofs[0].previous_hash, log.proofs[1].hash);
    EXPECT_EQ(log.proofs[1].category, "sessions");
}

TEST_P(HousekeepingTest, FindsAProofThatWasTouched) {
    const auto append = [&] {
        write([&](storage::Transaction& tx) -> Status {
            storage::deletion_proofs::append(tx, "sessions", "until signed out or expired", 3, clock_.now());
            return {};
        });
    };
    for (int i = 0; i < 4; ++i)
        append();
    EXPECT_FALSE(proofs().broken_at);
    const auto touch = [&](const char* sql) {
        write([&](storage::Transaction& tx) -> Status {
            tx.execute(sql);
            return {};
        });
    };
    touch("update deletion_proofs set deleted = 2 where sequence = 3");
    EXPECT_EQ(proofs().broken_at, 3);
    touch("update deletion_proofs set deleted = 3 where sequence = 3");
    EXPECT_FALSE(proofs().broken_at);
    touch("delete from deletion_proofs where sequence = 2");
    EXPECT_EQ(proofs().broken_at, 2);
    append();
    EXPECT_EQ(proofs().broken_at, 2) << "a later row hides nothing";
}

// Several processes do this on one database.
TEST_P(HousekeepingTest, ProofsOfSeveralProcessesAreOneChain) {
    constexpr int processes = 4, rows = 10;
    std::vector<std::thread> threads;
    for (int i = 0; i < processes; ++i)
        threads.emplace_back([&] {
            auto own = storage::Database::open(url_, {.sessions = 1, .on_fatal = {}}).value();
            for (int row = 0; row < rows; ++row)
                EXPECT_TRUE(own->transaction_blocking([&](storage::Transaction& tx) -> Status {
                    storage::deletion_proofs::append(tx, "leases", "seconds", 1, clock_.now());
                    return {};
                }));
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(proofs().proofs.size(), static_cast<std::size_t>(processes * rows));
    EXPECT_FALSE(proofs().broken_at);
}

TEST_P(HousekeepingTest, ForgetsTombstonesOnlyWhenNoBackupIsOldEnoughToNeedThem) {
    const auto mia = make_learner();
    const auto put = [&](std::string_view instance, storage::Timestamp at) {
        ASSERT_TRUE(
            storage::tombstones::put(keys(), {{mia, storage::TombstoneKind::withdrawal, std::string(instance),
                                               Purpose::functional_service_improve, at}}));
    };
    put("analytics/old", now_ - std::chrono::days(31));
    put("analytics/new", now_ - std::chrono::days(29));
    EXPECT_EQ(sweep(), (Swept{.tombstones = 1}));
    EXPECT_EQ(storage::tombstones::list(keys())->at(0).instance, "analytics/new");
}

}  // namespace
}  // namespace calyptenora::platform
