#include "course_folder_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;

constexpr std::string_view good_yaml = R"(title: Sun in the grid
language: en-GB
summary: How panels work.
subject: Energy
level: intermediate
authors: [Ada, Grace]
licence: CC BY 4.0
price: {amount: 19.00, currency: EUR}
modules:
  - title: Basics
    lessons: [01-light.md, 02-current.md]
  - title: Über Dächer
    lessons:
      - 03-roof.md
)";

void write_good(const TemporaryFolder& folder, const std::string& name = "sun") {
    folder.write(name + "/course.yaml", good_yaml);
    folder.write(name + "/01-light.md",
                 "---\ntitle: Light\nminutes: 7\n---\nSee [the roof](03-roof.md#what-it-bears) and "
                 "[below](#end).\n\n## End\n");
    folder.write(name + "/02-current.md", "---\ntitle: Current\nslug: amps\n---\nText\n");
    folder.write(name + "/03-roof.md", "---\ntitle: Roof\n---\n## What it bears\n\nText\n");
}

std::string all_text(const Problems& problems) {
    std::string all;
    for (const Problem& problem : problems)
        all += problem.text() + "\n";
    return all;
}

TEST(Catalogue, ReadsAWholeCourse) {
    TemporaryFolder folder;
    write_good(folder);
    const auto loaded = load_catalogue({folder.path()});
    EXPECT_EQ(all_text(loaded.problems), "");
    const Course* course = loaded.catalogue->find_course("sun");
    ASSERT_NE(course, nullptr);
    EXPECT_EQ(course->title, "Sun in the grid");
    EXPECT_EQ(course->level, Level::intermediate);
    EXPECT_EQ(course->authors, (std::vector<std::string>{"Ada", "Grace"}));
    EXPECT_EQ(course->price, (Money{1900, "EUR"}));
    EXPECT_FALSE(course->is_free());
    ASSERT_EQ(course->modules.size(), 2u);
    EXPECT_EQ(course->modules[1].slug, "ueber-daecher");
    ASSERT_EQ(course->lessons().size(), 3u);
    EXPECT_EQ(course->lessons()[0]->slug, "light");
    EXPECT_EQ(course->lessons()[0]->minutes, 7);
    EXPECT_EQ(course->find_lesson("amps")->title, "Current");
    EXPECT_EQ(course->find_lesson("nothing"), nullptr);
    EXPECT_THAT(std::get<SafeHtml>(course->lessons()[0]->body[0]).str(),
                HasSubstr("<a href=\"/courses/sun/lessons/roof#s-what-it-bears\">the roof</a>"));
}

TEST(Catalogue, LeavesABrokenCourseOutAndKeepsTheOthers) {
    TemporaryFolder folder;
    write_good(folder, "one");
    write_good(folder, "two");
    folder.write("two/course.yaml", "title: [\n");
    const auto loaded = load_catalogue({folder.path()});
    EXPECT_EQ(loaded.catalogue->courses().size(), 1u);
    EXPECT_NE(loaded.catalogue->find_course("one"), nullptr);
    EXPECT_THAT(all_text(loaded.problems), HasSubstr("two/course.yaml:2: error: this is not valid YAML"));
}

TEST(Catalogue, RefusesTwoCoursesAtOneAddress) {
    TemporaryFolder folder;
    write_good(folder, "one");
    write_good(folder, "two");
    folder.write("two/course.yaml", std::string(good_yaml) + "slug: one\n");
    const auto loaded = load_catalogue({folder.path()});
    EXPECT_EQ(loaded.catalogue->courses().size(), 1u);
    EXPECT_THAT(all_text(loaded.problems), HasSubstr("the address \"one\" is taken by"));
}

TEST(Catalogue, SaysThatAFolderIsMissing) {
    const auto loaded = load_catalogue({"/nonexistent/courses"});
    EXPECT_TRUE(loaded.catalogue->courses().empty());
    EXPECT_THAT(all_text(loaded.problems),
                HasSubstr("/nonexistent/courses: error: the folder of courses cannot be read"));
}

TEST(Catalogue, HolderKeepsAnOldSnapshotAliveForItsReader) {
    TemporaryFolder folder;
    write_good(folder);
    CatalogueHolder holder(load_catalogue({folder.path()}).catalogue);
    const auto old = holder.current();
    holder.replace(std::make_shared<const Catalogue>());
    EXPECT_EQ(holder.current()->courses().size(), 0u);
    EXPECT_NE(old->find_course("sun"), nullptr);
}

struct BadCase {
    std::string replaced;
    std::string by;
    std::string message;
    friend void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.message; }
};

class BadCourse : public testing::TestWithParam<BadCase> {};

TEST_P(BadCourse, IsLeftOutWithFileLineAndRemedy) {
    TemporaryFolder folder;
    write_good(folder);
    std::string yaml(good_yaml);
    const auto at = yaml.find(GetParam().replaced);
    ASSERT_NE(at, std::string::npos);
    yaml.replace(at, GetParam().replaced.size(), GetParam().by);
    folder.write("sun/course.yaml", yaml);
    const auto loaded = load_catalogue({folder.path()});
    EXPECT_TRUE(loaded.catalogue->courses().empty());
    EXPECT_THAT(all_text(loaded.problems), HasSubstr("course.yaml" + GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Yaml, BadCourse,
    testing::Values(
        BadCase{"title: Sun in the grid", "titel: Sun",
                ":1: error: unknown key \"titel\"; did you mean \"title\"?"},
        BadCase{"title: Sun in the grid", "subjekt: Sun", ":1: error: \"title\" is missing or empty"},
        BadCase{"language: en-GB", "language: 'English, British'",
                ":2: error: \"English, British\" is no language tag"},
        BadCase{"summary: How panels work.", "summary:", ":3: error: \"summary\" is missing or empty"},
        BadCase{"level: intermediate", "level: hard", ":5: error: unknown level \"hard\"; use beginner"},
        BadCase{"authors: [Ada, Grace]", "authors: []", ":6: error: \"authors\" is missing or empty"},
        BadCase{"licence: CC BY 4.0", "license: CC BY 4.0",
                ":7: error: unknown key \"license\"; did you mean \"licence\"?"},
        BadCase{"price: {amount: 19.00, currency: EUR}", "price: 19",
                ":8: error: \"price: 19\" is not understood"},
        BadCase{"amount: 19.00", "amount: 19.0",
                ":8: error: \"19.0\" is no amount of EUR; write it with a point and two digits"},
        BadCase{"amount: 19.00", "amount: '-1.00'", ":8: error: \"-1.00\" is no amount of EUR"},
        BadCase{"amount: 19.00", "amount: 0.00", ":8: error: \"0.00\" is no amount"},
        BadCase{"currency: EUR", "currency: EURO", ":8: error: unknown currency \"EURO\""},
        BadCase{"currency: EUR", "curency: EUR",
                ":8: error: unknown key \"curency\"; did you mean \"currency\"?"},
        BadCase{"01-light.md", "01-ligth.md",
                ":11: error: there is no lesson \"01-ligth.md\"; did you mean \"01-light.md\"?"},
        BadCase{"01-light.md", "../01-light.md",
                ":11: error: \"../01-light.md\" is no lesson of this folder"},
        BadCase{"01-light.md", "/etc/passwd", ":11: error: \"/etc/passwd\" is no lesson of this folder"},
        BadCase{"02-current.md", "01-light.md", ":11: error: the lesson \"01-light.md\" is listed twice"},
        BadCase{"    lessons: [01-light.md, 02-current.md]\n", "",
                ":10: error: the module \"Basics\" has no lessons"},
        BadCase{"title: Über Dächer", "title: Basics", ":12: error: two modules are called \"basics\""},
        BadCase{"subject: Energy", "title: Again", ":4: error: the key \"title\" is there twice"}));

TEST(Course, ReportsAllProblemsInOneGo) {
    TemporaryFolder folder;
    write_good(folder);
    folder.write("sun/course.yaml", "titel: a\nlanguage: en\nsumary: b\nmodules: []\n");
    const auto loaded = load_catalogue({folder.path()});
    EXPECT_GE(loaded.problems.size(), 6u) << all_text(loaded.problems);
}

TEST(Course, LessonsFrontMatterIsChecked) {
    TemporaryFolder folder;
    write_good(folder);
    folder.write("sun/01-light.md", "---\ntitle: Light\nminuets: 3\n---\n");
    EXPECT_THAT(all_text(load_catalogue({folder.path()}).problems),
                HasSubstr("01-light.md:3: error: unknown key \"minuets\"; did you mean \"minutes\"?"));
    folder.write("sun/01-light.md", "No front matter\n");
    EXPECT_THAT(all_text(load_catalogue({folder.path()}).problems),
                HasSubstr("01-light.md:1: error: the lesson has no front matter"));
    folder.write("sun/01-light.md", "---\ntitle: Light\nminutes: soon\n---\n");
    EXPECT_THAT(all_text(load_catalogue({folder.path()}).problems),
                HasSubstr("01-light.md:3: error: \"minutes: soon\" is no whole number"));
    folder.write("sun/01-light.md", "---\ntitle: Light\n");
    EXPECT_THAT(all_text(load_catalogue({folder.path()}).problems),
                HasSubstr("01-light.md:1: error: the front matter is never closed"));
    folder.write("sun/01-light.md", std::string("---\ntitle: Light\n---\n\xff\n"));
    EXPECT_THAT(all_text(load_catalogue({folder.path()}).problems),
                HasSubstr("01-light.md: error: the file is not UTF-8 text"));
}

TEST(Course, LinksThatLeadNowhereAreNamed) {
    TemporaryFolder folder;
    write_good(folder);
    folder.write("sun/01-light.md", "---\ntitle: Light\n---\n\n[a](04-none.md)\n");
    EXPECT_THAT(all_text(load_catalogue({folder.path()}).problems),
                HasSubstr("01-light.md:5: error: the link \"04-none.md\" leads to no lesson"));
    folder.write("sun/01-light.md", "---\ntitle: Light\n---\n\n[a](03-roof.md#what-it-bear)\n");
    const auto loaded = load_catalogue({folder.path()});
    EXPECT_THAT(
        all_text(loaded.problems),
        HasSubstr("01-light.md:5: warning: the link to \"#what-it-bear\" finds nothing in 03-roof.md; "
                  "did you mean \"#what-it-bears\"?"));
    EXPECT_NE(loaded.catalogue->find_course("sun"), nullptr);
}

TEST(Course, FilesOutsideTheFolderAreNeverServed) {
    TemporaryFolder folder;
    write_good(folder);
    folder.write("secret.png", "x");
    std::filesystem::create_symlink(folder.path() / "secret.png", folder.path() / "sun/inside.png");
    for (const char* target : {"../secret.png", "inside.png", "/etc/passwd", "..%2fsecret.png"}) {
        folder.write("sun/01-light.md", "---\ntitle: Light\n---\n![x](" + std::string(target) + ")\n");
        const auto loaded = load_catalogue({folder.path()});
        EXPECT_TRUE(loaded.catalogue->courses().empty()) << target;
        EXPECT_THAT(all_text(loaded.problems), HasSubstr("01-light.md:4: error: there is no picture"))
            << target;
    }
}

TEST(Slug, IsMadeOfWords) {
    EXPECT_EQ(make_slug("Über Schleifen, kurz & gut!"), "ueber-schleifen-kurz-gut");
    EXPECT_EQ(make_slug("  "), "");
    EXPECT_EQ(make_slug("C++ 20"), "c-20");
}

}  // namespace
}  // namespace calyptenora::platform
