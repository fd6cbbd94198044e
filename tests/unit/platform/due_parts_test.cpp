#include "platform/due_parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using namespace std::chrono;
using testing::ElementsAre;
using testing::IsEmpty;

const storage::Timestamp day_one = sys_days(2026y / March / 20) + hours(12);

Course make_course(const std::string& slug) {
    Course course;
    course.slug = course.title = slug;
    for (const auto* name : {"first", "second"}) {
        Module module{.slug = name, .title = name, .lessons = {}};
        for (const auto* number : {"-1", "-2"}) {
            module.lessons.emplace_back();
            module.lessons.back().slug = module.lessons.back().title = std::string(name) + number;
        }
        course.modules.push_back(std::move(module));
    }
    return course;
}

CourseStanding enrolled(std::set<std::string> completed = {}) {
    CourseStanding standing;
    standing.enrolled = true;
    standing.enrolled_at = day_one;
    standing.completed = std::move(completed);
    return standing;
}

std::vector<std::string> names(const std::vector<DuePart>& parts) {
    std::vector<std::string> all;
    for (const auto& part : parts)
        all.push_back(part.course->slug + "/" + (part.lesson ? part.lesson->slug : part.module->slug) +
                      (part.is_past ? " past" : ""));
    return all;
}

TEST(DueParts, WhatIsDueFirstComesFirstAndWhatIsDoneIsNot) {
    Course bees = make_course("bees");
    bees.modules[0].due = DaysAfterEnrolment{14};
    bees.modules[1].lessons[1].due = sys_seconds(sys_days(2026y / March / 25));
    Course maps = make_course("maps");
    maps.modules[0].due = sys_seconds(sys_days(2026y / March / 30));
    const Catalogue catalogue({bees, maps});
    const auto parts = [&](const std::map<std::string, CourseStanding>& standings, storage::Timestamp now) {
        return due_parts(catalogue, standings, "Europe/Berlin", now);
    };
    EXPECT_THAT(names(parts({{"bees", enrolled()}, {"maps", enrolled()}}, day_one)),
                ElementsAre("bees/second-2", "maps/first", "bees/first"));
    EXPECT_THAT(
        names(parts({{"bees", enrolled({"second-2"})}, {"maps", enrolled({"first-1", "first-2"})}}, day_one)),
        ElementsAre("bees/first"));
    EXPECT_THAT(names(parts({{"bees", enrolled()}}, day_one + days(10))),
                ElementsAre("bees/first", "bees/second-2 past"));
    const auto left = parts({{"bees", enrolled({"first-1", "second-2"})}}, day_one);
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left.front().next->slug, "first-2");
    EXPECT_EQ(left.front().left, 1u);
    // Nobody is told of courses that they do not take, or that are gone.
    EXPECT_THAT(parts({{"bees", CourseStanding()}, {"gone", enrolled()}}, day_one), IsEmpty());
}

TEST(DueParts, WhatIsPastHidesNothingThatIsToCome) {
    Course bees = make_course("bees");
    Course maps = make_course("maps");
    const auto due_after = [](int number) -> DueDate {
        return std::chrono::floor<seconds>(day_one) + days(number);
    };
    int number = 0;
    for (auto* lessons : {&bees.modules[0].lessons, &bees.modules[1].lessons})
        for (auto& lesson : *lessons)
            lesson.due = due_after(++number);
    maps.modules[0].lessons[0].due = due_after(5);
    maps.modules[1].lessons[0].due = due_after(12);
    maps.modules[1].lessons[1].due = due_after(11);
    const Catalogue catalogue({bees, maps});
    EXPECT_THAT(names(due_parts(catalogue, {{"bees", enrolled()}, {"maps", enrolled()}}, "Europe/Berlin",
                                day_one + days(10))),
                ElementsAre("maps/second-2", "maps/second-1", "maps/first-1 past", "bees/second-2 past",
                            "bees/second-1 past", "bees/first-2 past", "bees/first-1 past"));
}

TEST(DueParts, AreReckonedOnTheLearnersCalendarAcrossAChangeOfClocks) {
    Course bees = make_course("bees");
    bees.modules[0].due = DaysAfterEnrolment{14};
    const Catalogue catalogue({bees});
    const auto at = [&](std::string_view zone) {
        return due_parts(catalogue, {{"bees", enrolled()}}, zone, day_one).front().at;
    };
    // Enrolled in winter time, due in summer time; New York has changed already, Tokyo never does.
    EXPECT_EQ(at("Europe/Berlin"), sys_days(2026y / April / 3) + hours(21) + minutes(59));
    EXPECT_EQ(at("America/New_York"), sys_days(2026y / April / 4) + hours(3) + minutes(59));
    EXPECT_EQ(at("Asia/Tokyo"), sys_days(2026y / April / 3) + hours(14) + minutes(59));
}

TEST(DueParts, ALessonIsDueByItsOwnDateOrItsModules) {
    Course bees = make_course("bees");
    auto& module = bees.modules[0];
    const auto moment = [&](const CourseStanding& standing) {
        return due_moment(module, module.lessons[0], standing, "UTC");
    };
    EXPECT_FALSE(moment(enrolled()));
    module.due = DaysAfterEnrolment{1};
    EXPECT_EQ(moment(enrolled()), sys_days(2026y / March / 21) + hours(23) + minutes(59));
    EXPECT_FALSE(moment(CourseStanding()));
    module.lessons[0].due = sys_seconds(sys_days(2026y / March / 21));
    EXPECT_EQ(moment(enrolled()), storage::Timestamp(sys_days(2026y / March / 21)));
    EXPECT_EQ(moment(CourseStanding()), storage::Timestamp(sys_days(2026y / March / 21)));
}

TEST(RequiredCourses, AreMissingUntilAllTheirLessonsAreDone) {
    Course bees = make_course("bees");
    Course maps = make_course("maps");
    bees.prerequisites = {{.course = "maps", .demand = Prerequisite::Demand::required},
                          {.course = "gone", .demand = Prerequisite::Demand::required}};
    Catalogue catalogue({bees, maps});
    const auto missing = [&](const std::map<std::string, CourseStanding>& standings) {
        return missing_prerequisites(catalogue, *catalogue.find_course("bees"), standings).size();
    };
    EXPECT_EQ(missing({}), 1u);
    EXPECT_EQ(missing({{"maps", enrolled({"first-1", "first-2", "second-1"})}}), 1u);
    EXPECT_EQ(missing({{"maps", enrolled({"first-1", "first-2", "second-1", "second-2"})}}), 0u);
    bees.prerequisites[0].demand = Prerequisite::Demand::recommended;
    catalogue = Catalogue({bees, maps});
    EXPECT_EQ(missing({}), 0u);
}

}  // namespace
}  // namespace calyptenora::platform
