#include "platform/imports/carpentries.hpp"

#include "course_folder_fixture.hpp"
#include "strict_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    EXPECT_TRUE(stream) << file;
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

class Workbench : public testing::Test {
  protected:
    Workbench() {
        fs::copy(CALYPTENORA_SOURCE_DIR "/tests/unit/imports/fixtures/workbench", source(),
                 fs::copy_options::recursive);
    }
    fs::path source() const { return folder.path() / "source"; }
    void import() const {
        const auto report = import_carpentries(source(), target());
        ASSERT_TRUE(report) << report.error().message;
    }
    fs::path target() const { return folder.path() / "baking"; }

    test::TemporaryFolder folder;
};

TEST_F(Workbench, IsRecognised) {
    EXPECT_TRUE(is_carpentries_lesson(source()));
    EXPECT_FALSE(is_carpentries_lesson(source() / "episodes"));
}

TEST_F(Workbench, BecomesACourseInTheOrderOfItsConfig) {
    import();
    Problems problems;
    const auto course = load_course(target(), {}, problems);
    ASSERT_TRUE(course);
    EXPECT_EQ(course->title, "Baking: bread \"by hand\"");
    EXPECT_EQ(course->summary, "Bread needs flour, water and time.");
    EXPECT_EQ(course->licence, "CC BY 4.0");
    EXPECT_EQ(course->licence_url, "https://creativecommons.org/licenses/by/4.0/");
    EXPECT_EQ(course->source_url, "https://git.example/baking");
    EXPECT_THAT(course->attribution, HasSubstr("https://git.example/baking, licensed under CC BY 4.0"));
    EXPECT_TRUE(course->is_free());
    std::vector<std::string> order;
    for (const Lesson* lesson : course->lessons())
        order.push_back(lesson->title);
    EXPECT_THAT(order, testing::ElementsAre("Overview", "Setup", "Dough: first steps", "Flour", "Words"));
    EXPECT_EQ(course->find_lesson("dough")->minutes, 15);
    EXPECT_EQ(content(target() / "files/data.csv"), "a,b\n");
}

TEST_F(Workbench, TextIsRewrittenAndCodeIsNot) {
    import();
    const std::string dough = content(target() / "02-dough.md");
    for (const char* line : {
             "title: \"Dough: first steps\"\nminutes: 15\n---\n",
             "## <span id=\"knead\"></span>Kneading",
             "Go [back](<01-flour.md#kinds-of-flour>) or to [gluten](<reference.md#gluten>).",
             "![A dot\\_1 of \"flour\" \\[x\\]](<fig/dot.svg> \"Label\")",
             "*Lost*",
             "~~~python\nprint(\"{{ not liquid }} [a](b.md) ::: x\")\n~~~\n",
             "```r\nx <- 1\n```",
             "```text\nplain\n```",
             "```output\n::: said\n```",
             "Code `[a](b.md) {{ x }}` stays. A <span id=\"here\">span</span> and a "
             "[file](<files/data.csv>), a [lost "
             "one](<https://baking.example/lesson/files/lost.zip>),\nand [elsewhere][far].",
             "::: callout\nOdd\n::::",
             "$$\ne = mc^2\n$$",
             "[far]: <01-flour.md> \"Far\"",
         })
        EXPECT_THAT(dough, HasSubstr(line));
    for (const char* gone : {"{%", "{:", "never", "target=", "width="})
        EXPECT_THAT(dough, Not(HasSubstr(gone)));
    EXPECT_THAT(content(target() / "reference.md"),
                HasSubstr("<dl>\n<dt id=\"gluten\">gluten</dt>\n<dd>\n\nWhat makes dough *elastic*.\nSee "
                          "[ash](<#ash>).\n\n</dd>\n\n"
                          "<dt id=\"ash\">ash</dt>\n<dd>\n\nWhat stays after burning.\n\n</dd>\n\n<dt>plain "
                          "&amp; simple</dt>\n"));
}

TEST_F(Workbench, ReportSaysWhatChangedAndWhatCouldNotCome) {
    const auto report = import_carpentries(source(), target());
    ASSERT_TRUE(report) << report.error().message;
    const std::string text = report.value().text();
    for (const char* line : {
             "came: 2 episodes, 3 further pages, 2 uses of pictures, 2 files",
             "episodes/02-dough.md:22: the picture \"fig/gone.svg\" is not here; its description is shown "
             "instead",
             "episodes/02-dough.md:41: the file \"files/lost.zip\" is not here; the link leads to "
             "https://baking.example/lesson/files/lost.zip instead",
             "episodes/02-dough.md:63: a box of the unknown kind \"weird\" became a note",
             "learners/reference.md:5: the kramdown mark \"{:auto\\_ids}\" was left out",
             "<script> is not allowed and was left out",
         })
        EXPECT_THAT(text, HasSubstr(line));
}

TEST_F(Workbench, RenderedBoxesNestAndNotesForTeachersAreNotShown) {
    import();
    Problems problems;
    const auto course = load_course(target(), {}, problems);
    const std::string html = std::get<SafeHtml>(course->find_lesson("dough")->body.at(0)).str();
    EXPECT_EQ(test::StrictHtml(html).fault(), "");
    EXPECT_THAT(html, HasSubstr("class=\"box-title\">Try</h3>\n<p>Text</p>\n<details class=\"box "
                                "box-solution\"><summary>So</summary>\n"
                                "<p>Yes <kbd>K</kbd> </p>\n</details><details class=\"box "
                                "box-hint\"><summary>Hint</summary><p>Think</p>\n</details></div>"));
    EXPECT_THAT(html, Not(HasSubstr("teachers")));
    EXPECT_THAT(html, Not(HasSubstr("alert")));
}

TEST_F(Workbench, AFenceLeftOpenRefusesTheImportAndLeavesNothing) {
    std::ofstream(source() / "episodes/01-flour.md", std::ios::app) << "\n::: callout\nx\n";
    const auto report = import_carpentries(source(), target());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(
        report.error().message,
        HasSubstr(
            "episodes/01-flour.md:11: error: the fence \"::: callout\" is opened here and never closed"));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST_F(Workbench, AnotherFolderOrATakenTargetIsRefused) {
    EXPECT_EQ(import_carpentries(source() / "learners", target()).error().kind, ErrorKind::invalid_input);
    fs::create_directory(target());
    EXPECT_EQ(import_carpentries(source(), target()).error().kind, ErrorKind::conflict);
}

TEST_F(Workbench, PagesOutsideTheFolderAreRefused) {
    std::ofstream(source() / "config.yaml") << "title: T\nepisodes: [../../../secret.md]\n";
    const auto report = import_carpentries(source(), target());
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message, HasSubstr("is no page of this lesson"));
}

}  // namespace
}  // namespace calyptenora::platform
