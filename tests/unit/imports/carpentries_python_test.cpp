// A real lesson of The Carpentries, whole. It lies beside the repository, is not part of it, and this program
// is only built where it is found (CMakeLists.txt).
#include "course_folder_fixture.hpp"
#include "platform/imports/carpentries.hpp"
#include "strict_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using test::SeenElement;

// Counted with grep in the lesson's Markdown, for example `grep -cE '^:+ +challenge' episodes/01-intro.md`.
// "frames" are objectives, questions, keypoints and prereq; "code" is python, bash, source and xml.
struct Counts {
    const char* slug;
    const char* title;
    int challenges, solutions, callouts, frames, figures, code, output, error;
};
constexpr Counts episodes[] = {
    {"intro", "Python Fundamentals", 3, 3, 1, 3, 3, 19, 13, 0},
    {"numpy", "Analyzing Patient Data", 4, 10, 4, 3, 2, 35, 30, 0},
    {"matplotlib", "Visualizing Tabular Data", 4, 6, 1, 4, 6, 12, 0, 0},
    {"lists", "Storing Multiple Values in Lists", 3, 3, 3, 3, 4, 29, 22, 1},
    {"loop", "Repeating Actions with Loops", 5, 5, 1, 3, 2, 19, 10, 1},
    {"files", "Analyzing Data from Multiple Files", 2, 2, 0, 3, 4, 6, 4, 0},
    {"cond", "Making Choices", 7, 7, 2, 3, 3, 25, 11, 0},
    {"func", "Creating Functions", 9, 8, 0, 3, 1, 45, 23, 2},
    {"errors", "Errors and Exceptions", 4, 4, 3, 3, 0, 18, 1, 12},
    {"defensive", "Defensive Programming", 2, 2, 0, 3, 1, 22, 3, 8},
    {"debugging", "Debugging", 2, 1, 1, 3, 0, 1, 1, 0},
    {"cmdline", "Command-Line Programs", 8, 7, 4, 3, 0, 45, 17, 0},
};

class PythonLesson : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        folder = new test::TemporaryFolder;
        report = new Result<ImportReport>(import_carpentries(
            CALYPTENORA_SOURCE_DIR "/../shared/data/swcarpentry-python", folder->path() / "python"));
        ASSERT_TRUE(*report) << report->error().message;
        loaded = new LoadedCatalogue(load_catalogue({folder->path()}));
        course = loaded->catalogue->find_course("python");
        ASSERT_NE(course, nullptr);
    }
    static void TearDownTestSuite() {
        delete loaded;
        delete report;
        delete folder;
    }

    static std::string html(const Lesson& lesson) {
        std::string all;
        for (const Block& block : lesson.body)
            all += std::get<SafeHtml>(block).str();
        return all;
    }

    static std::vector<SeenElement> elements(const Lesson& lesson) {
        const std::string page = html(lesson);
        return test::StrictHtml(page).elements();
    }

    static const std::string* find(const SeenElement& element, std::string_view name) {
        for (const auto& [key, value] : element.attributes)
            if (key == name)
                return &value;
        return nullptr;
    }

    static inline test::TemporaryFolder* folder = nullptr;
    static inline Result<ImportReport>* report = nullptr;
    static inline LoadedCatalogue* loaded = nullptr;
    static inline const Course* course = nullptr;
};

TEST_F(PythonLesson, HasItsTwelveEpisodesInOrder) {
    ASSERT_EQ(course->modules.size(), 3u);
    ASSERT_EQ(course->modules[1].lessons.size(), std::size(episodes));
    for (std::size_t i = 0; i < std::size(episodes); ++i) {
        EXPECT_EQ(course->modules[1].lessons[i].slug, episodes[i].slug);
        EXPECT_EQ(course->modules[1].lessons[i].title, episodes[i].title);
    }
}

TEST_F(PythonLesson, EveryEpisodeHasWhatItsSourceHas) {
    for (const Counts& expected : episodes) {
        const Lesson* lesson = course->find_lesson(expected.slug);
        ASSERT_NE(lesson, nullptr) << expected.slug;
        std::map<std::string, int> seen;
        for (const SeenElement& element : elements(*lesson)) {
            ++seen["<" + element.tag + ">"];
            if (const std::string* css = find(element, "class"))
                ++seen[*css];
        }
        EXPECT_EQ(seen["box box-challenge"], expected.challenges) << expected.slug;
        EXPECT_EQ(seen["box box-solution"], expected.solutions) << expected.slug;
        EXPECT_EQ(seen["box box-callout"], expected.callouts) << expected.slug;
        EXPECT_EQ(seen["box box-objectives"] + seen["box box-questions"] + seen["box box-keypoints"] +
                      seen["box box-prereq"],
                  expected.frames)
            << expected.slug;
        EXPECT_EQ(seen["<img>"], expected.figures) << expected.slug;
        EXPECT_EQ(seen["code"], expected.code) << expected.slug;
        EXPECT_EQ(seen["program-output"], expected.output) << expected.slug;
        EXPECT_EQ(seen["program-error"], expected.error) << expected.slug;
    }
}

TEST_F(PythonLesson, EveryPageIsWellFormedAndShowsNoMarks) {
    for (const Lesson* lesson : course->lessons()) {
        for (const Block& block : lesson->body)
            EXPECT_EQ(test::StrictHtml(std::get<SafeHtml>(block).str()).fault(), "") << lesson->slug;
        const std::string page = html(*lesson);
        for (const char* mark : {":::", "{alt", "{:", "\\_", ".md", "{#", "<!--", "](", "page.root"})
            EXPECT_EQ(page.find(mark), std::string::npos)
                << lesson->slug << ": " << mark << ": " << page.substr(page.find(mark), 80);
    }
}

TEST_F(PythonLesson, EveryPictureExistsWithSizeAndText) {
    int pictures = 0;
    for (const Lesson* lesson : course->lessons())
        for (const SeenElement& element : elements(*lesson)) {
            if (element.tag != "img")
                continue;
            ++pictures;
            const std::string prefix = "/courses/python/media/";
            ASSERT_TRUE(find(element, "src")->starts_with(prefix));
            const std::string path = find(element, "src")->substr(prefix.size());
            ASSERT_TRUE(course->media.contains(path)) << path;
            EXPECT_TRUE(fs::is_regular_file(course->media.at(path).file)) << path;
            EXPECT_TRUE(find(element, "width") && find(element, "height")) << path;
            // The one picture whose source has no description.
            EXPECT_EQ(find(element, "alt")->empty(), path == "fig/ipythonblocks_show_color_example.png")
                << path;
        }
    EXPECT_EQ(pictures, 40);
}

TEST_F(PythonLesson, EveryLinkWithinTheCourseLeadsSomewhere) {
    std::map<std::string, std::set<std::string>> anchors;
    for (const Lesson* lesson : course->lessons())
        for (const SeenElement& element : elements(*lesson))
            if (const std::string* id = find(element, "id"))
                EXPECT_TRUE(anchors[lesson->slug].insert(*id).second)
                    << lesson->slug << ": " << *id << " twice";
    std::vector<std::string> broken;
    int internal = 0;
    for (const Lesson* lesson : course->lessons())
        for (const SeenElement& element : elements(*lesson)) {
            const std::string* href = element.tag == "a" ? find(element, "href") : nullptr;
            if (element.tag == "a")
                EXPECT_TRUE(href) << lesson->slug << ": a link without target";
            if (!href || href->starts_with("http"))
                continue;
            ++internal;
            const std::string prefix = "/courses/python/lessons/";
            const auto hash = href->find('#');
            const std::string page =
                hash == 0
                    ? lesson->slug
                    : href->substr(prefix.size(), hash == std::string::npos ? hash : hash - prefix.size());
            if (!anchors.contains(page) ||
                (hash != std::string::npos && !anchors[page].contains(href->substr(hash + 1))))
                broken.push_back(lesson->slug + " -> " + *href);
        }
    EXPECT_GE(internal, 120);
    // Both are broken in the source, too.
    EXPECT_THAT(broken, testing::ElementsAre("cmdline -> /courses/python/lessons/reference#s-silence-failure",
                                             "reference -> #s-float"));
}

TEST_F(PythonLesson, NamesItsAuthorsAndLicence) {
    EXPECT_EQ(course->licence, "CC BY 4.0");
    EXPECT_THAT(course->attribution, testing::HasSubstr("The Carpentries"));
    EXPECT_THAT(course->attribution,
                testing::HasSubstr("https://github.com/swcarpentry/python-novice-inflammation"));
    EXPECT_THAT(course->summary, testing::StartsWith("The best way to learn how to program"));
}

TEST_F(PythonLesson, ReportNamesExactlyWhatWasLost) {
    EXPECT_EQ(report->value().missing.size(), 2u) << report->value().text();
    EXPECT_EQ(report->value().problems.size(), 3u) << report->value().text();
    EXPECT_FALSE(has_error(report->value().problems));
}

}  // namespace
}  // namespace calyptenora::platform
