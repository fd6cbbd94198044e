// A real cartridge, exported from Canvas. It lies beside the repository, is not part of it, and this program
// is only built where it is found (CMakeLists.txt).
#include "course_folder_fixture.hpp"
#include "html_dangers.hpp"
#include "platform/imports/archive_folder.hpp"
#include "platform/imports/course_source.hpp"
#include "strict_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;

class AllyWorkshop : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(unpack_archive(CALYPTENORA_SOURCE_DIR "/../shared/data/ally-workshop/allyworkshop.imscc",
                                   folder.path() / "unpacked"));
        ASSERT_EQ(find_course_format(folder.path() / "unpacked"), CourseFormat::common_cartridge);
        const auto result = convert_course(CourseFormat::common_cartridge, folder.path() / "unpacked",
                                           folder.path() / "ally", {});
        ASSERT_TRUE(result) << result.error().message;
        report = *result;
        Problems problems;
        course = load_course(folder.path() / "ally", {}, problems);
        ASSERT_TRUE(course);
    }
    static std::string html(const Lesson& lesson) {
        std::string all;
        for (const Block& block : lesson.body)
            all += std::get<SafeHtml>(block).str();
        return all;
    }

    test::TemporaryFolder folder;
    ImportReport report;
    std::optional<Course> course;
};

// Counted in imsmanifest.xml and in the pages it lists.
TEST_F(AllyWorkshop, ComesWithItsModulesLessonsPicturesAndFiles) {
    EXPECT_EQ(course->title, "Ally: Accessibility Workshop");
    EXPECT_EQ(course->licence, "CC BY-SA 4.0");
    ASSERT_EQ(course->modules.size(), 4u);
    std::vector<std::size_t> lessons;
    for (const Module& module : course->modules)
        lessons.push_back(module.lessons.size());
    EXPECT_THAT(lessons, testing::ElementsAre(5u, 1u, 2u, 1u));
    int pictures = 0;
    for (const Lesson* lesson : course->lessons()) {
        const std::string page = html(*lesson);
        const test::StrictHtml read(page);
        for (const auto& element : read.elements())
            pictures += element.tag == "img";
    }
    EXPECT_EQ(pictures, 12);
    EXPECT_EQ(course->media.size(), 13u);
}

TEST_F(AllyWorkshop, EveryLessonIsWellFormedHarmlessAndWithoutRemnants) {
    for (const Lesson* lesson : course->lessons()) {
        const std::string page = html(*lesson);
        EXPECT_EQ(test::StrictHtml(page).fault(), "") << lesson->slug;
        const auto found = test::find_dangers(page, test::Markup::renderers);
        EXPECT_TRUE(found.empty()) << lesson->slug << ": " << found.front();
        for (const char* mark :
             {"IMS-CC-FILEBASE", "REFERENCE$", "canvas_download", "Links to an external site", "](", "\\"})
            EXPECT_EQ(page.find(mark), std::string::npos) << lesson->slug << ": " << mark;
        EXPECT_GT(lesson->text_length, 100u) << lesson->slug;
    }
}

TEST_F(AllyWorkshop, ReportNamesWhatDidNotCome) {
    EXPECT_EQ(report.missing.size(), 11u) << report.text();
    EXPECT_THAT(report.missing, testing::Contains(testing::HasSubstr("external tool (LTI)")));
    EXPECT_FALSE(has_error(report.problems));
    EXPECT_TRUE(report.problems.empty()) << report.text();
}

}  // namespace
}  // namespace calyptenora::platform
