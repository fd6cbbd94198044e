#include "platform/study_times.hpp"

#include "storage/stores/learning.hpp"
#include "support/databases.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

// Learning time is counted for who wants it, and never more than has passed.
namespace calyptenora::platform {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::shared_ptr<const Catalogue> make_catalogue() {
    std::vector<Course> courses;
    for (const auto* slug : {"python", "rust"}) {
        Course course;
        course.slug = course.title = slug;
        course.language = "en";
        course.modules.push_back({"all", "All", {}});
        for (const auto* lesson : {"one", "two"}) {
            course.modules.back().lessons.emplace_back();
            course.modules.back().lessons.back().slug = lesson;
        }
        courses.push_back(std::move(course));
    }
    return std::make_shared<const Catalogue>(std::move(courses));
}

class StudyTimesTest : public test::StoreTest {
  protected:
    template <class T>
    static T await(boost::asio::awaitable<T> work) {
        boost::asio::io_context context;
        auto future = boost::asio::co_spawn(context, std::move(work), boost::asio::use_future);
        context.run();
        return future.get();
    }
    storage::LearnerId make_student(std::string_view email = "mia@example.org") {
        const auto learner = make_learner(email);
        write([&](storage::Transaction& tx) -> Status {
            storage::learning::enrol(tx, learner, "python", {}, now_);
            return {};
        });
        return learner;
    }
    void open(const storage::LearnerId& learner, const std::string& lesson) {
        EXPECT_TRUE(await(times_.open_lesson(learner, "python", lesson)));
    }
    bool report(const storage::LearnerId& learner, const std::string& lesson, seconds spent,
                const std::string& course = "python") {
        return await(times_.report(learner, course, lesson, spent)).has_value();
    }
    seconds total(const storage::LearnerId& learner) {
        seconds sum(0);
        for (const auto& time : await(times_.find(learner)).value().times)
            sum += time.spent;
        return sum;
    }

    storage::ManualClock clock_{now_};
    CatalogueHolder catalogue_{make_catalogue()};
    StudyTimes times_{database(), clock_, catalogue_};
};
CALYPTENORA_ON_BOTH_DATABASES(StudyTimesTest);

TEST_P(StudyTimesTest, CountNothingUntilTheLearnerWantsIt) {
    const auto mia = make_student();
    open(mia, "one");
    clock_.advance(minutes(3));
    EXPECT_FALSE(report(mia, "one", seconds(30)));
    open(mia, "two");
    EXPECT_EQ(total(mia), seconds(0));
    EXPECT_FALSE(await(times_.find(mia)).value().since);
    EXPECT_TRUE(await(times_.switch_on(mia)));
    EXPECT_TRUE(await(times_.switch_on(mia)));
    EXPECT_EQ(await(times_.find(mia)).value().since, clock_.now());
    open(mia, "one");
    EXPECT_EQ(total(mia), seconds(0)) << "what was before is not counted";
    EXPECT_TRUE(report(mia, "one", seconds(0)));
    clock_.advance(seconds(40));
    EXPECT_TRUE(report(mia, "one", seconds(25)));
    EXPECT_EQ(total(mia), seconds(25));
    EXPECT_TRUE(await(times_.switch_off(mia)));
    clock_.advance(seconds(40));
    EXPECT_FALSE(report(mia, "one", seconds(25)));
    EXPECT_EQ(total(mia), seconds(25)) << "what was counted stays";
    EXPECT_TRUE(await(times_.forget(mia)));
    EXPECT_EQ(total(mia), seconds(0));
}

TEST_P(StudyTimesTest, CountNoMoreThanHasPassed) {
    const auto mia = make_student();
    EXPECT_TRUE(await(times_.switch_on(mia)));
    EXPECT_TRUE(report(mia, "one", seconds(60)));
    EXPECT_EQ(total(mia), seconds(0)) << "nothing has passed yet";
    clock_.advance(seconds(30));
    EXPECT_TRUE(report(mia, "one", seconds(100'000)));
    EXPECT_EQ(total(mia), seconds(30)) << "forged";
    for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(report(mia, i % 2 ? "one" : "two", seconds(30)));
    EXPECT_EQ(total(mia), seconds(30)) << "repeated, or from other windows";
    clock_.advance(std::chrono::hours(8));
    EXPECT_TRUE(report(mia, "one", seconds(100'000)));
    EXPECT_EQ(total(mia), seconds(90)) << "a night is not made up for by one report";
    EXPECT_TRUE(report(mia, "one", seconds(-5)));
    EXPECT_EQ(total(mia), seconds(90));
}

TEST_P(StudyTimesTest, CountTwoWindowsOnce) {
    const auto mia = make_student();
    EXPECT_TRUE(await(times_.switch_on(mia)));
    for (int i = 0; i < 20; ++i) {
        clock_.advance(seconds(30));
        EXPECT_TRUE(report(mia, "one", seconds(30)));
        EXPECT_TRUE(report(mia, "two", seconds(30)));
    }
    EXPECT_EQ(total(mia), minutes(10));
}

TEST_P(StudyTimesTest, CountFromPageToPageWithoutScripts) {
    const auto mia = make_student();
    EXPECT_TRUE(await(times_.switch_on(mia)));
    open(mia, "one");
    clock_.advance(minutes(2));
    open(mia, "two");
    EXPECT_EQ(total(mia), minutes(2));
    clock_.advance(std::chrono::hours(9));
    open(mia, "one");
    EXPECT_EQ(total(mia), minutes(2) + StudyTimes::longest_page) << "the night is capped";
    // With scripts the page says it itself: somebody who was away while it stood open has not learnt.
    EXPECT_TRUE(report(mia, "one", seconds(0)));
    clock_.advance(minutes(4));
    EXPECT_TRUE(report(mia, "one", seconds(20)));
    open(mia, "two");
    EXPECT_EQ(total(mia), minutes(2) + StudyTimes::longest_page + seconds(20));
}

TEST_P(StudyTimesTest, AreOnesOwnAndOfCoursesThatOneTakes) {
    const auto mia = make_student(), tom = make_student("tom@example.org");
    EXPECT_TRUE(await(times_.switch_on(mia)));
    clock_.advance(seconds(50));
    EXPECT_FALSE(report(mia, "one", seconds(9), "rust")) << "not taken";
    EXPECT_FALSE(report(mia, "three", seconds(9))) << "no such lesson";
    EXPECT_FALSE(report(mia, "one", seconds(9), "cobol")) << "no such course";
    EXPECT_FALSE(report(tom, "one", seconds(9))) << "somebody else's switch";
    EXPECT_EQ(total(mia), seconds(0));
    EXPECT_TRUE(report(mia, "one", seconds(9)));
    EXPECT_EQ(total(mia), seconds(9)) << "the control";
    EXPECT_EQ(total(tom), seconds(0));
}

}  // namespace
}  // namespace calyptenora::platform
