#include "platform/technical_data.hpp"

#include "gate/choices.hpp"
#include "platform/housekeeping.hpp"
#include "platform/rights/restored.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/subjects.hpp"
#include "support/awaited.hpp"
#include "support/databases.hpp"
#include "support/policies.hpp"

#include <gmock/gmock.h>

// Only what somebody has consented to is counted, decided when it comes in; and nothing that is counted says
// whose it was.
namespace calyptenora::platform {
namespace {

using namespace std::chrono_literals;
using storage::PageMetric;

constexpr auto timings = Purpose::analytics_reporting_system_performance;
constexpr auto browsers = Purpose::functional_service_improve;
constexpr auto devices = Purpose::analytics_reporting_content_performance;
constexpr const char* firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

class NoPlugins final : public gate::PluginPort {
  public:
    boost::asio::awaitable<Result<std::string>> call(gate::PluginCall) override {
        co_return Error(ErrorKind::unsupported, "there is none");
    }
    boost::asio::awaitable<void> cancel(const storage::SubjectId&, const settings::InstanceId&,
                                        Purpose) override {
        co_return;
    }
    std::uint64_t cancellations() const override { return 0; }
};

class TechnicalDataTest : public test::StoreTest {
  protected:
    TechnicalDataTest() { gate_.connect(plugins_); }

    static std::shared_ptr<const gate::Policy> policy(const std::string& on) {
        return test::compile_policy(test::settings_head() + "technical_data: {" + on + "}\n", {});
    }
    void choose(const storage::SubjectId& subject, Purpose purpose, bool allowed) {
        clock_.advance(1s);
        const auto recorded = test::awaited(choices_.record(
            subject, {{settings::core_technical_id(), purpose, allowed}},
            {.language = "de", .action = "privacy_page", .shown_text = "Darf …?", .notice_version = "1"}));
        ASSERT_TRUE(recorded) << recorded.error().message;
    }
    static PageReport report(const std::string& page = "lesson") {
        return {.page = page,
                .user_agent = firefox,
                .timings = {{PageMetric::lcp, 1'234}, {PageMetric::ttfb, 87}, {PageMetric::cls, 40}},
                .screen = "under_1440",
                .device = std::string(43, 'd')};
    }
    Status receive(const storage::SubjectId& subject, PageReport report, bool privacy_control = false) {
        return test::awaited(technical_.receive(subject, std::move(report), privacy_control));
    }
    TechnicalFigures figures(int weeks = 4, KindOf by = KindOf::form) {
        return test::awaited(technical_.list(weeks, by)).value();
    }
    long long rows(const std::string& table) {
        return read([&](storage::Transaction& tx) -> Result<long long> {
            return std::get<0>(*tx.find<long long>("select count(*) from " + table));
        });
    }
    /// "timings browsers devices": how many rows there are of each.
    std::string kept() {
        return fmt::format("{} {} {}", rows("page_timings"), rows("browser_views"), rows("devices"));
    }

    storage::ManualClock clock_{now_};
    NoPlugins plugins_;
    gate::Gate gate_{database(), cipher(), clock_,
                     policy("performance: true, functional: true, analytics: true, smallest_group: 10")};
    gate::Choices choices_{database(), cipher(), gate_, plugins_, {}};
    int smallest_group_ = 10;
    TechnicalData technical_{database(), gate_, [this] { return smallest_group_; }};
};
CALYPTENORA_ON_BOTH_DATABASES(TechnicalDataTest);

TEST_P(TechnicalDataTest, CountsNothingBeforeConsentAndNothingElseAfter) {
    const auto mia = make_learner();
    EXPECT_EQ(receive(mia, report()).error().kind, ErrorKind::denied);
    EXPECT_EQ(kept(), "0 0 0");
    choose(mia, timings, true);
    ASSERT_TRUE(receive(mia, report()));
    EXPECT_EQ(kept(), "3 0 0");
    choose(mia, browsers, true);
    ASSERT_TRUE(receive(mia, report()));
    EXPECT_EQ(kept(), "3 1 0") << "the same again, counted twice in the same rows";
    choose(mia, devices, true);
    ASSERT_TRUE(receive(mia, report()));
    EXPECT_EQ(kept(), "3 1 1");
}

TEST_P(TechnicalDataTest, CountsForVisitorsWithoutAnAccountAsWell) {
    const auto guest = make_guest();
    EXPECT_FALSE(receive(guest, report()));
    choose(guest, timings, true);
    EXPECT_TRUE(receive(guest, report()));
    EXPECT_EQ(kept(), "3 0 0");
}

TEST_P(TechnicalDataTest, EndsWithAWithdrawalAtOnceAndForgetsTheDevice) {
    const auto mia = make_learner(), tom = make_learner("tom@example.org");
    for (const auto& person : {mia, tom}) {
        choose(person, devices, true);
        ASSERT_TRUE(receive(person, report()));
    }
    EXPECT_EQ(rows("devices"), 2) << "one device, and nothing says that two people share it";
    choose(mia, timings, true);
    choose(mia, timings, false);
    EXPECT_EQ(rows("devices"), 2) << "another purpose";
    choose(mia, devices, false);
    EXPECT_EQ(rows("devices"), 1) << "Tom's stays";
    EXPECT_EQ(receive(mia, report()).error().kind, ErrorKind::denied);
    EXPECT_EQ(kept(), "0 0 1");
    EXPECT_TRUE(receive(tom, report()));
}

TEST_P(TechnicalDataTest, ForgetsTheDeviceOfTheVisitBeforeSigningIn) {
    const auto guest = make_guest();
    const auto mia = make_learner();
    choose(guest, devices, true);
    ASSERT_TRUE(receive(guest, report()));
    write([&](storage::Transaction& tx) -> Status {
        storage::subjects::merge_guest(tx, guest, mia);
        return {};
    });
    choose(mia, devices, false);
    EXPECT_EQ(rows("devices"), 0);
}

TEST_P(TechnicalDataTest, DoesNotCountTheDevicesOfWhoIsRestrictedNorOfTheirVisitsBefore) {
    smallest_group_ = 1;
    const auto guest = make_guest(), other = make_guest();
    const auto mia = make_learner();
    for (const auto& person : {guest, other}) {
        choose(person, devices, true);
        ASSERT_TRUE(receive(person, report()));
    }
    choose(mia, devices, true);
    ASSERT_TRUE(receive(mia, report()));
    write([&](storage::Transaction& tx) -> Status {
        storage::subjects::merge_guest(tx, guest, mia);
        return {};
    });
    EXPECT_EQ(figures().devices.at(0).devices, 3) << "control";
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::restrict(tx, mia, clock_.now());
        return {};
    });
    EXPECT_EQ(figures().devices.at(0).devices, 1) << "the other guest's";
    EXPECT_EQ(rows("devices"), 3) << "restricted is not erased";
}

TEST_P(TechnicalDataTest, EndsWithTheConsentsTimeWithARestrictionAndWithTheSetting) {
    const auto mia = make_learner();
    choose(mia, timings, true);
    ASSERT_TRUE(receive(mia, report()));
    gate_.replace_policy(policy("functional: true"));
    EXPECT_FALSE(receive(mia, report())) << "switched off by the operator";
    gate_.replace_policy(policy("performance: true"));
    ASSERT_TRUE(receive(mia, report())) << "control";
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::restrict(tx, mia, clock_.now());
        return {};
    });
    EXPECT_FALSE(receive(mia, report())) << "Art. 18 GDPR";
    const auto tom = make_learner("tom@example.org");
    choose(tom, timings, true);
    ASSERT_TRUE(receive(tom, report())) << "control";
    clock_.advance(181 * 24h);
    EXPECT_FALSE(receive(tom, report())) << "run out";
}

TEST_P(TechnicalDataTest, AsksAMinorsGuardianAsWell) {
    const auto kim = make_learner();
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::set_guardian_needed_until(tx, kim, "2030-01");
        return {};
    });
    choose(kim, timings, true);
    EXPECT_FALSE(receive(kim, report()));
    const auto recorded = test::awaited(choices_.record(kim, {{settings::core_technical_id(), timings, true}},
                                                        {.language = "de",
                                                         .action = "guardian",
                                                         .shown_text = "Darf …?",
                                                         .notice_version = "1",
                                                         .chooser = gate::Chooser::guardian}));
    ASSERT_TRUE(recorded);
    EXPECT_TRUE(receive(kim, report())) << "control";
}

TEST_P(TechnicalDataTest, TellsOfPagesOnceEnoughOfThemWereSeen) {
    const auto mia = make_learner();
    choose(mia, timings, true);
    for (int i = 0; i < 9; ++i)
        ASSERT_TRUE(receive(mia, report()));
    auto found = figures();
    EXPECT_TRUE(found.pages.empty());
    EXPECT_EQ(found.small_pages, 1);
    ASSERT_TRUE(receive(mia, report()));
    found = figures();
    ASSERT_EQ(found.pages.size(), 1u);
    EXPECT_EQ(found.small_pages, 0);
    EXPECT_EQ(found.pages[0].page, "lesson");
    EXPECT_EQ(found.pages[0].kind, "computer");
    EXPECT_EQ(found.pages[0].views, 10);
    EXPECT_EQ(found.pages[0].at_most.at(PageMetric::lcp), 1'300) << "1234 lies below";
    EXPECT_EQ(found.pages[0].at_most.at(PageMetric::ttfb), 90);
    EXPECT_EQ(found.pages[0].at_most.at(PageMetric::cls), 50);
    EXPECT_EQ(figures(4, KindOf::browser).pages.at(0).kind, "Firefox");
    clock_.advance(4 * 7 * 24h);
    EXPECT_TRUE(figures().pages.empty()) << "longer ago than asked for";
    EXPECT_EQ(figures(5).pages.size(), 1u);
}

TEST_P(TechnicalDataTest, TellsOfBrowsersAndDevicesWithoutSmallGroups) {
    for (int i = 0; i < 20; ++i) {
        const auto person = make_learner(fmt::format("p{}@example.org", i));
        choose(person, browsers, true);
        choose(person, devices, true);
        ASSERT_TRUE(receive(person, report()));
    }
    auto found = figures();
    ASSERT_EQ(found.browsers.size(), 1u);
    EXPECT_EQ(found.browsers[0].screen, "under_1440");
    EXPECT_EQ(found.browsers[0].views, 20);
    ASSERT_EQ(found.devices.size(), 1u);
    EXPECT_EQ(found.devices[0].devices, 20);
    EXPECT_FALSE(found.devices[0].returning) << "nobody, so everybody came once";
    // Ten of them come on another day.
    clock_.advance(24h);
    for (int i = 0; i < 10; ++i) {
        const auto person = read([&](storage::Transaction& tx) -> Result<storage::LearnerId> {
            return storage::learners::find_by_email(tx, cipher(), fmt::format("p{}@example.org", i))->id;
        });
        ASSERT_TRUE(receive(person, report()));
        ASSERT_TRUE(receive(person, report())) << "once a day";
    }
    EXPECT_EQ(figures().devices.at(0).returning, 10);
    EXPECT_EQ(figures().devices.at(0).devices, 20);
    smallest_group_ = 11;
    EXPECT_FALSE(figures().devices.at(0).returning);
    smallest_group_ = 21;
    EXPECT_TRUE(figures().devices.empty());
    EXPECT_EQ(figures().small_devices, 1);
}

TEST_P(TechnicalDataTest, GoesWhenItsTimeHasCome) {
    KeptFor kept_for{{}, std::chrono::days(30)};
    Housekeeping keeper(database(), cipher(), clock_, [&] { return kept_for; }, [](const std::string&) {});
    const auto mia = make_learner();
    for (const auto purpose : {timings, browsers, devices})
        choose(mia, purpose, true);
    ASSERT_TRUE(receive(mia, report()));
    clock_.advance(85 * 24h);
    EXPECT_EQ(test::awaited(keeper.run_once()).value(), Swept());
    clock_.advance(6 * 24h);
    EXPECT_EQ(test::awaited(keeper.run_once()).value(), (Swept{.timings = 3, .devices = 1}));
    EXPECT_EQ(kept(), "0 1 0");
    clock_.advance(90 * 24h);
    EXPECT_EQ(test::awaited(keeper.run_once()).value(), (Swept{.browsers = 1}));
}

TEST_P(TechnicalDataTest, DoesNotComeBackWithABackup) {
    const auto mia = make_learner();
    choose(mia, devices, true);
    ASSERT_TRUE(receive(mia, report()));
    const auto backup = test::make_database_url(GetParam(), folder_, "backup");
    test::copy_database(url_, backup);
    choose(mia, devices, false);
    auto restored = storage::Database::open(backup).value();
    const auto count = [&] {
        return restored
            ->run_blocking([](storage::Transaction& tx) -> Result<long long> {
                return std::get<0>(*tx.find<long long>("select count(*) from devices"));
            })
            .value();
    };
    EXPECT_EQ(count(), 1) << "control";
    ASSERT_TRUE(reapply_tombstones(*restored, cipher(), clock_, {}));
    EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace calyptenora::platform
