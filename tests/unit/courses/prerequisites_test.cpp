#include "course_folder_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Prerequisites : public testing::Test {
  protected:
    void write(const std::string& slug, const std::string& prerequisites) {
        folder.write(slug + "/course.yaml",
                     "title: " + slug + "\nlanguage: en\nsummary: S\nlicence: CC0\nauthors: [X]\n" +
                         prerequisites + "modules:\n  - title: M\n    lessons: [01-one.md]\n");
        folder.write(slug + "/01-one.md", "---\ntitle: One\n---\nText\n");
    }
    /// "b" is recommended, "b!" required.
    std::vector<std::string> of(const std::string& slug) {
        std::vector<std::string> names;
        for (const auto& one : loaded.catalogue->find_course(slug)->prerequisites)
            names.push_back(one.course + (one.demand == Prerequisite::Demand::required ? "!" : ""));
        return names;
    }
    void load() {
        loaded = load_catalogue({folder.path()});
        problems.clear();
        for (const auto& problem : loaded.problems)
            problems.push_back(problem.text());
    }

    test::TemporaryFolder folder;
    LoadedCatalogue loaded;
    std::vector<std::string> problems;
};

TEST_F(Prerequisites, AreRecommendedUnlessTheyAreRequired) {
    write("a", "prerequisites: [b, {course: c, required: true}, {course: d}]\n");
    write("b", "prerequisites:\n  - c\n");
    write("c", "");
    write("d", "prerequisites:\n");
    load();
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_THAT(of("a"), ElementsAre("b", "c!", "d"));
    EXPECT_THAT(of("b"), ElementsAre("c"));
    EXPECT_THAT(of("c"), IsEmpty());
}

TEST_F(Prerequisites, OneThatIsNotHereIsSaidAndAskedOfNobody) {
    write("a", "prerequisites: [bees, {course: gone-long-ago, required: true}]\n");
    write("beees", "");
    load();
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_THAT(problems[0],
                HasSubstr("a/course.yaml:6: warning: there is no course \"bees\"; nobody is asked for "
                          "it; did you mean \"beees\"?"));
    EXPECT_THAT(problems[1],
                HasSubstr("there is no course \"gone-long-ago\"; nobody is asked for it; name a course "
                          "of this platform, or take it out"));
    EXPECT_THAT(of("a"), IsEmpty());
}

TEST_F(Prerequisites, ACircleIsSaidAndLocksNobodyOut) {
    write("a", "prerequisites: [{course: b, required: true}]\n");
    write("b", "prerequisites: [{course: c, required: true}]\n");
    write("c", "prerequisites: [{course: a, required: true}, {course: d, required: true}]\n");
    write("d", "");
    load();
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_THAT(problems[0],
                HasSubstr("c/course.yaml:6: warning: the prerequisites go round in a circle: a -> b -> c "
                          "-> a; none of them is demanded; take one of them out"));
    EXPECT_THAT(of("a"), ElementsAre("b"));
    EXPECT_THAT(of("b"), ElementsAre("c"));
    EXPECT_THAT(of("c"), ElementsAre("a", "d!"));
    // Two ways to the same course are none.
    write("c", "prerequisites: [d]\n");
    write("a", "prerequisites: [b, c]\n");
    load();
    EXPECT_THAT(problems, IsEmpty());
}

TEST_F(Prerequisites, MistakesAreNamedWithTheirLine) {
    const std::pair<const char*, const char*> cases[] = {
        {"prerequisites: b\n",
         ":6: error: \"prerequisites\" is no list; write \"prerequisites: [name-of-a-course]\""},
        {"prerequisites: [a]\n", ":6: error: the course is its own prerequisite; take it out"},
        {"prerequisites: [b, b]\n", ":6: error: the course \"b\" is named twice"},
        {"prerequisites: [Course B]\n", ":6: error: \"Course B\" is no course's name"},
        {"prerequisites:\n  - {course: b, required: maybe}\n",
         ":7: error: \"required: maybe\" is not understood"},
        {"prerequisites:\n  - {curse: b}\n", ":7: error: unknown key \"curse\"; did you mean \"course\"?"},
    };
    for (const auto& [yaml, complaint] : cases) {
        write("a", yaml);
        write("b", "");
        load();
        EXPECT_EQ(loaded.catalogue->find_course("a"), nullptr) << yaml;
        EXPECT_THAT(problems, testing::Contains(HasSubstr(complaint))) << yaml;
    }
}

}  // namespace
}  // namespace calyptenora::platform
