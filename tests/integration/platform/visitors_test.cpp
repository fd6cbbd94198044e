#include "platform/visitors.hpp"

#include "storage/stores/learning.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/subjects.hpp"
#include "support/databases.hpp"
#include "support/policies.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using namespace std::chrono_literals;

class VisitorsTest : public test::StoreTest {
  protected:
    Result<Visitor> find(std::optional<std::string> token, bool privacy_control = false,
                         VisitorPart part = VisitorPart::none) {
        boost::asio::io_context context;
        auto future =
            boost::asio::co_spawn(context, visitors_.find(std::move(token), policy_, privacy_control, part),
                                  boost::asio::use_future);
        context.run();
        return future.get();
    }

    std::string open_session(const storage::SubjectId& subject) {
        auto token = storage::sessions::make_token();
        write([&](storage::Transaction& tx) -> Status {
            storage::sessions::insert(tx, token,
                                      {.id = storage::SessionId::make(),
                                       .subject = subject,
                                       .privilege = storage::Privilege::signed_in,
                                       .created_at = clock_.now(),
                                       .last_seen_at = clock_.now(),
                                       .idle_expires_at = clock_.now() + 24h,
                                       .absolute_expires_at = clock_.now() + 60 * 24h,
                                       .authenticated_at = {},
                                       .user_agent = "Firefox 144"});
            return {};
        });
        return token;
    }

    std::optional<storage::Timestamp> asked_for_privacy(const storage::SubjectId& subject) {
        return read([&](storage::Transaction& tx) {
            return Result<std::optional<storage::Timestamp>>(
                storage::subjects::find(tx, subject)->gpc_seen_at);
        });
    }

    storage::ManualClock clock_{now_};
    PolicyVersions versions_{database(), clock_};
    Visitors visitors_{database(), cipher(), clock_, versions_};
    std::shared_ptr<const gate::Policy> policy_ =
        test::compile_policy(test::probe_settings(), {test::probe_manifest(), test::desk_manifest()});
};
CALYPTENORA_ON_BOTH_DATABASES(VisitorsTest);

TEST_P(VisitorsTest, WithoutASessionInForceAreStrangers) {
    const auto mia = make_learner();
    const auto token = open_session(mia);
    ASSERT_TRUE(find(token)->viewer);
    for (const auto& other : {std::optional<std::string>(), std::optional<std::string>("x" + token)}) {
        const auto stranger = find(other).value();
        EXPECT_FALSE(stranger.viewer);
        EXPECT_FALSE(stranger.standings.empty());
        EXPECT_EQ(stranger.awaiting, 0);
    }
    clock_.advance(25h);
    EXPECT_FALSE(find(token)->viewer) << "expired";
}

TEST_P(VisitorsTest, KeepTheirSessionByComingBack) {
    const auto token = open_session(make_learner());
    for (int day = 0; day < 5; ++day) {
        clock_.advance(20h);
        ASSERT_TRUE(find(token)->viewer) << day;
    }
    const auto seen = find(token)->viewer->session.last_seen_at;
    clock_.advance(4min);
    (void)find(token);
    EXPECT_EQ(find(token)->viewer->session.last_seen_at, seen) << "not with every request";
}

TEST_P(VisitorsTest, WhoseBrowserAsksForPrivacyAreRemembered) {
    const auto mia = make_learner();
    const auto token = open_session(mia);
    EXPECT_FALSE(asked_for_privacy(mia));
    (void)find(token, true);
    const auto first = clock_.now();
    EXPECT_EQ(asked_for_privacy(mia), first);
    clock_.advance(4min);
    (void)find(token, true);
    EXPECT_EQ(asked_for_privacy(mia), first) << "to within five minutes";
    clock_.advance(2min);
    (void)find(token, true);
    EXPECT_EQ(asked_for_privacy(mia), clock_.now());
    clock_.advance(10min);
    (void)find(token, false);
    EXPECT_EQ(asked_for_privacy(mia), clock_.now() - 10min);
}

TEST_P(VisitorsTest, BringTheirNameAndWhatThePageAskedFor) {
    const auto mia = make_learner();
    const auto token = open_session(mia);
    write([&](storage::Transaction& tx) -> Status {
        storage::learning::enrol(tx, mia, "bees", {}, now_);
        return {};
    });
    const auto plain = find(token).value();
    EXPECT_EQ(plain.viewer->email.reveal(gate::ForSubject{}), "mia@example.org");
    EXPECT_TRUE(plain.courses.standings.empty());
    EXPECT_TRUE(find(token, false, VisitorPart::courses)->courses.standings.at("bees").enrolled);
    EXPECT_TRUE(find(token, false, VisitorPart::overview)->courses.standings.empty());
}

TEST_P(VisitorsTest, AreNotTakenForStrangersWhereTheyCannotBeRead) {
    const auto mia = make_learner();
    const auto token = open_session(mia);
    ASSERT_TRUE(keys().destroy(mia));
    const auto unreadable = find(token);
    EXPECT_FALSE(unreadable) << "a refusal of theirs would be asked for again";
}

}  // namespace
}  // namespace calyptenora::platform
