#include "platform/figures.hpp"

#include "storage/stores/consents.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/learning.hpp"
#include "support/awaited.hpp"
#include "support/databases.hpp"

#include <gmock/gmock.h>

// Statistics without personal data, week by week.
namespace calyptenora::platform {
namespace {

using storage::Figure;
using storage::Measure;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Figure> groups(std::vector<std::pair<std::string, long long>> sizes) {
    std::vector<Figure> list;
    for (auto& [part, people] : sizes)
        list.push_back({"2026-11-16", Measure::active_in, part, people});
    return list;
}
std::vector<std::string> said(const std::vector<Figure>& kept) {
    std::vector<std::string> lines;
    for (const auto& figure : kept)
        lines.push_back(fmt::format("{} {}", figure.part, figure.people));
    return lines;
}

TEST(SmallGroups, AreNotKeptAndNumbersAreRoundedDown) {
    EXPECT_THAT(said(without_small_groups(groups({{"a", 9}, {"b", 10}, {"c", 34}}), 10, false)),
                ElementsAre("c 30", "b 10"));
    EXPECT_THAT(without_small_groups(groups({{"a", 1}}), 5, false), IsEmpty());
    EXPECT_THAT(without_small_groups({}, 5, true), IsEmpty());
}

TEST(SmallGroups, ThatAreTheOnlyMissingOneTakeAnotherAlong) {
    EXPECT_THAT(said(without_small_groups(groups({{"a", 9}, {"b", 10}, {"c", 34}}), 10, true)),
                ElementsAre("c 30"))
        << "else a is the total without b and c";
    EXPECT_THAT(said(without_small_groups(groups({{"a", 9}, {"b", 8}, {"c", 34}}), 10, true)),
                ElementsAre("c 30"))
        << "two that are missing cannot be told apart";
    EXPECT_THAT(said(without_small_groups(groups({{"b", 10}, {"c", 34}}), 10, true)),
                ElementsAre("c 30", "b 10"));
}

class FiguresTest : public test::StoreTest {
  protected:
    /// So many new learners, who worked at the course then.
    std::vector<storage::LearnerId> let_work(int count, const std::string& course, storage::Timestamp at) {
        std::vector<storage::LearnerId> learners;
        for (int i = 0; i < count; ++i) {
            learners.push_back(make_learner(fmt::format("{}-{}@example.org", course, ++made_)));
            work(learners.back(), course, at);
        }
        return learners;
    }
    void work(const storage::LearnerId& learner, const std::string& course, storage::Timestamp at) {
        write([&](storage::Transaction& tx) -> Status {
            storage::learning::record_position(tx, learner, course, "1", 0, at);
            return {};
        });
    }
    int count() { return test::awaited(figures_.run_once()).value(); }
    /// "measure part: 10 - 15", as the last weeks have it.
    std::vector<std::string> table(int weeks = 8) {
        std::vector<std::string> lines;
        const auto table = test::awaited(figures_.list(weeks)).value();
        for (const auto& row : table.rows) {
            std::string line =
                fmt::format("{} {}:", boost::describe::enum_to_string(row.measure, ""), row.part);
            for (const auto& people : row.people)
                line += people ? fmt::format(" {}", *people) : " -";
            lines.push_back(std::move(line));
        }
        return lines;
    }

    /// now_ is Wednesday, 25 November 2026.
    const storage::Timestamp last_week_ = now_ - std::chrono::days(7);
    storage::ManualClock clock_{now_};
    FigureRules rules_{10, std::chrono::weeks(156)};
    int made_ = 0;
    Figures figures_{database(), clock_, [this] { return rules_; }, [](const std::string&) {}};
};
CALYPTENORA_ON_BOTH_DATABASES(FiguresTest);

TEST_P(FiguresTest, CountEachPersonOnceInTheWeekThatHasEnded) {
    const auto learners = let_work(16, "python", last_week_);
    for (const auto& learner : learners)
        work(learner, "git", last_week_);
    let_work(9, "logic", last_week_);
    let_work(20, "python", now_);
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(count(), 0) << "once";
    // logic is too small, and takes one of the others along.
    EXPECT_THAT(table(), testing::IsSupersetOf({"active : 25", "active_in git: 15"}));
    EXPECT_THAT(table(), testing::Not(testing::Contains(testing::StartsWith("active_in python"))));
    for (const auto& line : table())
        EXPECT_THAT(line, testing::Not(testing::HasSubstr("logic")));

    clock_.advance(std::chrono::days(7));
    EXPECT_EQ(count(), 1);
    EXPECT_THAT(table(), testing::Contains("active : 25 20"));
    clock_.advance(std::chrono::days(35));
    EXPECT_EQ(count(), 5) << "also the weeks without a server";
}

TEST_P(FiguresTest, LeaveOutWhoHasObjectedAndWhoseDataAreRestricted) {
    const auto learners = let_work(12, "python", last_week_);
    write([&](storage::Transaction& tx) -> Status {
        storage::consents::object(tx, learners.at(0), "analytics/xapi",
                                  Purpose::analytics_reporting_content_performance, now_);
        storage::learners::restrict(tx, learners.at(1), now_);
        return {};
    });
    rules_.smallest_group = 11;
    count();
    EXPECT_THAT(table(), IsEmpty()) << "ten are left";
}

TEST_P(FiguresTest, GoAfterTheirTime) {
    let_work(12, "python", last_week_);
    count();
    rules_.kept = std::chrono::weeks(3);
    clock_.advance(std::chrono::days(14));
    count();
    EXPECT_THAT(table(), testing::Contains(testing::StartsWith("active : 10")));
    clock_.advance(std::chrono::days(7));
    count();
    EXPECT_THAT(table(), testing::Not(testing::Contains(testing::StartsWith("active"))));
}

}  // namespace
}  // namespace calyptenora::platform
