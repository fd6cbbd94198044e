#include "platform/housekeeping.hpp"

#include "platform/retention.hpp"
#include "storage/inventory.hpp"
#include "storage/stores/leases.hpp"
#include "storage/stores/outbox.hpp"
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
    Housekeeping keeper_{database(), cipher(), clock_, std::chrono::days(30),
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
