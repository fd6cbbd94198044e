#include "platform/courses/due_date.hpp"

#include "course_folder_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using namespace std::chrono;
using testing::HasSubstr;

sys_seconds utc(int year, unsigned month, unsigned day, int hour, int minute) {
    return sys_days(
               year_month_day{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)}) +
           hours(hour) + minutes(minute);
}

sys_seconds moment(std::string_view text) {
    const auto due = parse_due_date(text);
    EXPECT_TRUE(due) << (due ? "" : due.error().message);
    return due ? std::get<sys_seconds>(*due) : sys_seconds();
}

TEST(DueDate, IsAMomentOnTheClocksOfAPlace) {
    EXPECT_EQ(moment("2026-12-24 18:00 Europe/Berlin"), utc(2026, 12, 24, 17, 0));
    EXPECT_EQ(moment("2026-07-01 18:00 Europe/Berlin"), utc(2026, 7, 1, 16, 0));
    EXPECT_EQ(moment("2026-12-24 Europe/Berlin"), utc(2026, 12, 24, 22, 59));
    EXPECT_EQ(moment("2026-12-24 18:00 America/Los_Angeles"), utc(2026, 12, 25, 2, 0));
    EXPECT_EQ(moment("2026-12-24 9:05 UTC"), utc(2026, 12, 24, 9, 5));
}

TEST(DueDate, KnowsWhenClocksAreChanged) {
    // On 29 March 2026 clocks in Berlin go from 2:00 to 3:00, on 25 October from 3:00 back to 2:00.
    EXPECT_EQ(moment("2026-03-29 01:59 Europe/Berlin"), utc(2026, 3, 29, 0, 59));
    EXPECT_EQ(moment("2026-03-29 03:00 Europe/Berlin"), utc(2026, 3, 29, 1, 0));
    EXPECT_EQ(moment("2026-10-25 02:30 Europe/Berlin"), utc(2026, 10, 25, 1, 30));
    const auto gap = parse_due_date("2026-03-29 02:30 Europe/Berlin");
    ASSERT_FALSE(gap);
    EXPECT_THAT(gap.error().message, HasSubstr("clocks in Europe/Berlin leave 02:30 out; name another hour"));
    EXPECT_TRUE(parse_due_date("2026-03-29 02:30 Africa/Tunis"));
}

TEST(DueDate, MayFollowTheEnrolmentByDaysOnTheLearnersCalendar) {
    const auto due = parse_due_date("14 days after enrolment");
    ASSERT_TRUE(due);
    EXPECT_EQ(*due, DueDate(DaysAfterEnrolment{14}));
    EXPECT_EQ(*parse_due_date("2 weeks after enrolment"), *due);
    EXPECT_EQ(*parse_due_date("1 day after enrolment"), DueDate(DaysAfterEnrolment{1}));
    // Enrolled on 20 March at 23:30 in Berlin; the day's end two weeks later lies behind the change of
    // clocks.
    const auto enrolled = utc(2026, 3, 20, 22, 30);
    EXPECT_EQ(moment_of(*due, enrolled, "Europe/Berlin"), utc(2026, 4, 3, 21, 59));
    // For the same moment it is the 21st in Tokyo, and still the 20th, with no change ahead, in Lima.
    EXPECT_EQ(moment_of(*due, enrolled, "Asia/Tokyo"), utc(2026, 4, 4, 14, 59));
    EXPECT_EQ(moment_of(*due, enrolled, "America/Lima"), utc(2026, 4, 4, 4, 59));
    EXPECT_EQ(moment_of(*due, enrolled, "Nowhere/Land"), utc(2026, 4, 3, 23, 59));
    EXPECT_EQ(moment_of(DueDate(utc(2026, 1, 1, 0, 0)), enrolled, "Asia/Tokyo"), utc(2026, 1, 1, 0, 0));
}

TEST(DueDate, AnythingElseIsRefusedWithHowToWriteIt) {
    const std::pair<const char*, const char*> cases[] = {
        {"tomorrow", "\"tomorrow\" is no date"},
        {"24.12.2026 18:00 Europe/Berlin", "is no date"},
        {"2026-02-30 18:00 Europe/Berlin", "is no date"},
        {"2026-12-24 18:00", "does not say whose clocks are meant"},
        {"2026-12-24", "does not say whose clocks are meant"},
        {"2026-12-24 25:00 Europe/Berlin", "\"25:00\" is no time"},
        {"2026-12-24 18:0 Europe/Berlin", "\"18:0\" is no time"},
        {"2026-12-24 18:00 Europe/Berlim", "\"Europe/Berlim\" is no time zone"},
        {"2026-12-24 18:00 Europe/Berlin please", "whose clocks"},
        {"0 days after enrolment", "is no time after the enrolment"},
        {"-3 days after enrolment", "is no time after the enrolment"},
        {"3 hours after enrolment", "is no time after the enrolment"},
        {"3 days after christmas", "is no date"},
    };
    for (const auto& [text, complaint] : cases) {
        const auto due = parse_due_date(text);
        ASSERT_FALSE(due) << text;
        EXPECT_THAT(due.error().message, HasSubstr(complaint));
        EXPECT_THAT(due.error().message,
                    HasSubstr("; write \"2026-12-24 18:00 Europe/Berlin\", or \"14 days after enrolment\""));
    }
}

TEST(DueDate, StandsInModulesAndLessons) {
    test::OneLesson lesson("Text\n");
    const auto course = [&](const std::string& module, const std::string& own) {
        lesson.folder.write(
            "a/course.yaml",
            "title: A\nlanguage: en\nsummary: S\nlicence: CC0\nauthors: [X]\nmodules:\n  - title: M\n" +
                module + "    lessons: [01-one.md]\n");
        lesson.folder.write("a/01-one.md", "---\ntitle: One\n" + own + "---\nText\n");
        lesson.load();
        return lesson.course;
    };
    const auto read = course("    due: 2 weeks after enrolment\n", "due: 2026-12-24 18:00 Europe/Berlin\n");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->modules.front().due, DueDate(DaysAfterEnrolment{14}));
    EXPECT_EQ(read->lessons().front()->due, DueDate(utc(2026, 12, 24, 17, 0)));
    EXPECT_FALSE(course("", "")->modules.front().due);
    EXPECT_FALSE(course("    due: soon\n", ""));
    EXPECT_THAT(lesson.problems.front().text(),
                HasSubstr("course.yaml:8: error: \"soon\" is no date; write \"2026-12-24 18:00"));
    EXPECT_FALSE(course("", "due: soon\n"));
    EXPECT_THAT(lesson.problems.front().text(), HasSubstr("01-one.md:3: error: \"soon\" is no date; write"));
}

}  // namespace
}  // namespace calyptenora::platform
