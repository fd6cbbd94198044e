#include "platform/policy_versions.hpp"

#include "cli/processing_documents.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/learners.hpp"
#include "support/databases.hpp"
#include "support/policies.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

// A version for each thing that the privacy notice has said, and what is announced waits (consent.md rule
// 17).
namespace calyptenora::platform {
namespace {

using namespace std::chrono_literals;
using Making = PolicyVersions::Making;
using std::chrono::days;

constexpr days lead{30};
constexpr auto asked = Purpose::analytics_reporting_content_performance;
constexpr auto unasked = Purpose::analytics_reporting_system_performance;

template <class T>
T await(boost::asio::awaitable<T> work) {
    boost::asio::io_context context;
    auto future = boost::asio::co_spawn(context, std::move(work), boost::asio::use_future);
    context.run();
    return future.get();
}

/// A recipient of progress by legitimate interest, and of more by consent.
std::string instance(const std::string& name, const std::string& recipient, const std::string& fields = "",
                     const std::string& country = "DE") {
    return "  " + name + ":\n    recipient: {legal_name: " + recipient +
           ", address: Weg 2, country: " + country +
           ", role: controller, privacy_policy: 'https://lrs.example/privacy'" +
           (country == "DE" ? "" : ", safeguard: scc") +
           "}\n    purposes:\n      analytics.reporting.system_performance: {fields: {" +
           "user.education.progress: true" + fields +
           "}}\n    settings: {endpoint: 'https://lrs.example/xapi'}\n";
}

const std::string one = instance("analytics/probe", "Statistik AG");
const std::string two = one + instance("analytics/probe@second", "Zweite AG");
const std::string with_name = instance("analytics/probe", "Statistik AG", ", user.name: true");

class PolicyVersionsTest : public test::StoreTest {
  protected:
    struct Site {
        boost::json::value notice;
        std::shared_ptr<const gate::Policy> policy;
    };
    static Site site(const std::string& instances, const std::string& origin = "http://localhost:8080") {
        const auto yaml =
            test::replaced(test::settings_head(), "http://localhost:8080", origin) + "plugins:\n" + instances;
        const auto manifest = test::replaced(test::probe_manifest(),
                                             "user.education.progress, required: true, why: {de: W, en: W}}",
                                             "user.education.progress, required: true, why: {de: W, en: W}}\n"
                                             "      - {category: user.name, why: {de: W, en: W}}");
        auto policy = test::compile_policy(yaml, {manifest});
        const auto settings = settings::parse_settings(yaml, "test.yaml");
        auto notice = cli::notice_json(make_processing_record(*settings.value, *policy));
        return {std::move(notice), std::move(policy)};
    }

    void run(const std::string& instances, Making making = Making::yes, days ahead = lead) {
        const auto now = site(instances);
        policy_ = await(versions_.apply(now.notice, now.policy, ahead, making)).value();
    }
    std::vector<storage::PolicyVersion> list() { return await(versions_.list()).value(); }

    std::optional<PolicyAnnouncement> announcement_for(const storage::LearnerId& learner,
                                                       storage::Timestamp member_since) {
        return database()
            .run_blocking([&](storage::Transaction& tx) -> Result<std::optional<PolicyAnnouncement>> {
                return versions_.announcement_for(tx, learner, member_since);
            })
            .value();
    }

    /// What an instance gets now of what it is granted, of somebody who has consented to everything; nothing
    /// if it is refused.
    std::optional<CategoryMask> gets(const char* name, Purpose purpose) {
        const auto* row = policy_->find_flow(*settings::parse_instance_id(name), purpose);
        gate::SubjectState mia;
        mia.readable = true;
        mia.consent = ConsentState::given;
        mia.consent_expires_at = gate::Instant::max();
        mia.consented = CategoryMask::all();
        const auto decision =
            gate::decide(row->flow, mia, {clock_.now(), row->flow.declared & row->flow.granted});
        return decision.refused ? std::nullopt : std::optional(decision.released);
    }

    storage::ManualClock clock_{now_};
    PolicyVersions versions_{database(), clock_};
    std::shared_ptr<const gate::Policy> policy_;
};
CALYPTENORA_ON_BOTH_DATABASES(PolicyVersionsTest);

TEST_P(PolicyVersionsTest, TheFirstStartAnnouncesNothingAndALaterOneChangesNothing) {
    (void)make_learner();
    run(two);
    ASSERT_EQ(list().size(), 1u);
    const auto first = list().front();
    EXPECT_EQ(first.number, 1);
    EXPECT_EQ(first.effective_at, clock_.now());
    EXPECT_FALSE(first.material);
    EXPECT_FALSE(versions_.announcement());
    EXPECT_TRUE(gets("analytics/probe@second", unasked));

    clock_.advance(days(5));
    run(two);
    PolicyVersions another(database(), clock_);
    const auto elsewhere = site(two, "http://localhost:9443");
    (void)await(another.apply(elsewhere.notice, elsewhere.policy, lead, Making::yes)).value();
    EXPECT_EQ(list().size(), 1u) << "another port is another address, and no other notice";
}

TEST_P(PolicyVersionsTest, ANewRecipientWaitsForItsDay) {
    (void)make_learner();
    run(one);
    clock_.advance(1h);
    run(two);
    ASSERT_EQ(list().size(), 2u);
    EXPECT_TRUE(list()[0].material);
    EXPECT_EQ(list()[0].effective_at, clock_.now() + lead);
    EXPECT_EQ(find_in_force(list(), clock_.now())->number, 1);
    EXPECT_FALSE(gets("analytics/probe@second", unasked));
    EXPECT_TRUE(gets("analytics/probe@second", asked)) << "who is asked decides without a day";
    EXPECT_TRUE(gets("analytics/probe", unasked)) << "what was there before goes on";
    EXPECT_EQ(versions_.announcement()->number, 2);

    clock_.advance(days(29));
    run(two);
    EXPECT_EQ(list().size(), 2u) << "a restart does not put it off";
    EXPECT_FALSE(gets("analytics/probe@second", unasked));
    clock_.advance(days(1));
    EXPECT_TRUE(gets("analytics/probe@second", unasked)) << "without a restart";
    EXPECT_FALSE(versions_.announcement());
    EXPECT_EQ(find_in_force(list(), clock_.now())->number, 2);

    const auto changes = await(versions_.changes_of(2)).value();
    EXPECT_EQ(changes.size(), 2u) << "one for each purpose";
    EXPECT_TRUE(await(versions_.changes_of(1)).value().empty());
    EXPECT_EQ(await(versions_.changes_of(3)).error().kind, ErrorKind::not_found);
}

TEST_P(PolicyVersionsTest, OneDatumMoreWaitsAloneAndAnotherCountryWithEverything) {
    (void)make_learner();
    run(one);
    run(with_name);
    EXPECT_EQ(gets("analytics/probe", unasked), CategoryMask(Category::user_education_progress));
    clock_.advance(lead);
    EXPECT_EQ(gets("analytics/probe", unasked),
              CategoryMask(Category::user_education_progress) | Category::user_name);
    run(instance("analytics/probe", "Statistik AG", ", user.name: true", "US"));
    EXPECT_FALSE(gets("analytics/probe", unasked));
    run(with_name);
    EXPECT_TRUE(gets("analytics/probe", unasked)) << "what reaches less far holds at once";
}

TEST_P(PolicyVersionsTest, WhatIsTakenBackNeverComesIntoForce) {
    (void)make_learner();
    run(one);
    clock_.advance(1h);
    run(two);
    clock_.advance(days(1));
    run(one);
    ASSERT_EQ(list().size(), 3u);
    EXPECT_EQ(list()[0].effective_at, clock_.now());
    EXPECT_FALSE(list()[0].material);
    EXPECT_TRUE(is_withdrawn(list()[1], list()));
    EXPECT_FALSE(is_withdrawn(list()[0], list()));
    EXPECT_FALSE(versions_.announcement()) << "nobody is told of what will not be";

    clock_.advance(days(28));
    run(two);
    EXPECT_FALSE(gets("analytics/probe@second", unasked));
    clock_.advance(days(2));
    EXPECT_FALSE(gets("analytics/probe@second", unasked)) << "the old day does not count";
    EXPECT_EQ(find_in_force(list(), clock_.now())->number, 3);
    clock_.advance(days(28));
    EXPECT_TRUE(gets("analytics/probe@second", unasked));
}

TEST_P(PolicyVersionsTest, ASecondAnnouncementLeavesTheFirstItsDay) {
    (void)make_learner();
    run(one);
    run(two);
    clock_.advance(days(10));
    const auto three = two + instance("analytics/probe@third", "Dritte AG");
    run(three, Making::yes, days(5));
    EXPECT_FALSE(is_withdrawn(list()[1], list()));
    EXPECT_EQ(list()[0].effective_at, list()[1].effective_at) << "not before what was promised first";
    run(three + instance("analytics/probe@fourth", "Vierte AG"));
    clock_.advance(days(20));
    EXPECT_TRUE(gets("analytics/probe@second", unasked));
    EXPECT_TRUE(gets("analytics/probe@third", unasked));
    EXPECT_FALSE(gets("analytics/probe@fourth", unasked));
    clock_.advance(days(10));
    EXPECT_TRUE(gets("analytics/probe@fourth", unasked));
}

TEST_P(PolicyVersionsTest, NothingWaitsWhereThereIsNobodyToTell) {
    const auto operator_account = make_learner("a@lms.example");
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::set_role(tx, operator_account, storage::Role::operator_);
        return {};
    });
    run(one);
    run(two);
    EXPECT_EQ(list()[0].effective_at, clock_.now());
    EXPECT_TRUE(gets("analytics/probe@second", unasked)) << "the staff sets the platform up";
    const auto mia = make_learner();
    run(two + instance("analytics/probe@third", "Dritte AG"));
    EXPECT_FALSE(gets("analytics/probe@third", unasked));
    write([&](storage::Transaction& tx) -> Status {
        storage::erasure::erase_records(tx, mia, clock_.now());
        return {};
    });
    run(two + instance("analytics/probe@third", "Dritte AG"));
    EXPECT_TRUE(gets("analytics/probe@third", unasked));
}

TEST_P(PolicyVersionsTest, WithoutALeadTheDayIsTodayAndPeopleAreStillTold) {
    const auto mia = make_learner();
    run(one);
    clock_.advance(1h);
    run(two, Making::yes, days(0));
    EXPECT_TRUE(gets("analytics/probe@second", unasked));
    EXPECT_TRUE(list()[0].material);
    clock_.advance(1h);
    // What nobody can hold back is in force at once; people are told of it as long as of anything else.
    auto moved = site(two);
    moved.notice.at("controller").as_object()["address"] = "Weg 99";
    (void)await(versions_.apply(moved.notice, moved.policy, lead, Making::yes)).value();
    EXPECT_EQ(list()[0].effective_at, clock_.now());
    EXPECT_EQ(announcement_for(mia, now_)->number, 3);
    clock_.advance(lead);
    EXPECT_FALSE(announcement_for(mia, now_));
}

TEST_P(PolicyVersionsTest, ACommandMakesNoVersionAndUsesNothingThatNoneSays) {
    (void)make_learner();
    run(two, Making::no);
    EXPECT_TRUE(list().empty());
    EXPECT_TRUE(gets("analytics/probe@second", unasked)) << "before the first start there is nothing else";
    run(one);
    run(two, Making::no);
    EXPECT_EQ(list().size(), 1u);
    clock_.advance(days(10'000));
    EXPECT_FALSE(gets("analytics/probe@second", unasked));
    EXPECT_TRUE(gets("analytics/probe", unasked));
    run(two);
    run(two, Making::no);
    EXPECT_FALSE(gets("analytics/probe@second", unasked));
    clock_.advance(lead);
    EXPECT_TRUE(gets("analytics/probe@second", unasked));
}

TEST_P(PolicyVersionsTest, TellsWhoWasThereBeforeUntilTheyPutItAway) {
    const auto mia = make_learner(), tom = make_learner("tom@example.org");
    run(one);
    clock_.advance(1h);
    run(two);
    EXPECT_TRUE(announcement_for(mia, now_));
    EXPECT_FALSE(announcement_for(mia, clock_.now())) << "who came with it has read it";
    ASSERT_TRUE(await(versions_.put_away(mia, 2)));
    ASSERT_TRUE(await(versions_.put_away(mia, 1)));
    EXPECT_FALSE(announcement_for(mia, now_)) << "what is put away does not come back";
    EXPECT_TRUE(announcement_for(tom, now_)) << "each for themselves";
    clock_.advance(1h);
    run(two + instance("analytics/probe@third", "Dritte AG"));
    EXPECT_EQ(announcement_for(mia, now_)->number, 3) << "the next one is new";
    clock_.advance(lead);
    EXPECT_FALSE(announcement_for(tom, now_));
}

// Several servers that start together on one database.
TEST_P(PolicyVersionsTest, ServersThatStartTogetherMakeOneVersion) {
    (void)make_learner();
    run(one);
    constexpr int servers = 6;
    std::barrier start(servers);
    std::vector<std::thread> threads;
    std::atomic<int> waiting{0};
    const auto now = site(two);
    for (int i = 0; i < servers; ++i)
        threads.emplace_back([&] {
            auto own = storage::Database::open(url_, {.sessions = 1, .on_fatal = {}}).value();
            PolicyVersions versions(*own, clock_);
            start.arrive_and_wait();
            const auto policy = await(versions.apply(now.notice, now.policy, lead, Making::yes)).value();
            const auto* row =
                policy->find_flow(*settings::parse_instance_id("analytics/probe@second"), unasked);
            waiting += row->flow.in_force_from == clock_.now() + lead;
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(list().size(), 2u);
    EXPECT_EQ(waiting, servers) << "and all wait for the same day";
}

}  // namespace
}  // namespace calyptenora::platform
