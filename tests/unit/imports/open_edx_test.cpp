#include "platform/imports/open_edx.hpp"

#include "cartridge_fixture.hpp"
#include "html_dangers.hpp"
#include "platform/imports/course_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class OpenEdx : public testing::Test {
  protected:
    OpenEdx() {
        write("course.xml", "<course url_name='2026' org='BeeX' course='B101'/>");
        write("course/2026.xml",
              "<course display_name='All about bees' language='en' license='creative-commons: ver=4.0 BY SA'>"
              "<chapter url_name='c1'/><chapter url_name='c2'/><wiki slug='x'/></course>");
        write("about/short_description.html", "What bees do.");
        write("chapter/c1.xml",
              "<chapter display_name='Week 1'><sequential url_name='s1'/><sequential "
              "url_name='s2'/></chapter>");
        write("chapter/c2.xml",
              "<chapter display_name='Staff' visible_to_staff_only='true'><sequential "
              "url_name='s9'/></chapter>");
        write("sequential/s1.xml",
              "<sequential display_name='Wings'><vertical url_name='v1'/><vertical "
              "url_name='v2'/></sequential>");
        write("sequential/s2.xml", "<sequential display_name='Hives'><vertical url_name='v3'/></sequential>");
        write("vertical/v1.xml",
              "<vertical display_name='Wings'><html url_name='h1'/><video url_name='y1'/></vertical>");
        write("vertical/v2.xml",
              "<vertical display_name='Colours'><html url_name='h2'/><problem url_name='p1'/>"
              "<discussion url_name='d1'/></vertical>");
        write("vertical/v3.xml",
              "<vertical display_name='Hive'><html display_name='in place'><p>Inline <b>page</b></p></html>"
              "<video display_name='No address'/></vertical>");
        write("html/h1.xml", "<html filename='h1' display_name='Text'/>");
        write("html/h1.html",
              "<p>First <img src='/static/dot one.png' alt='A dot'> <a href='/jump_to_id/v2'>on</a> "
              "<a "
              "href='/courses/course-v1:BeeX+B101+2026/jump_to/"
              "block-v1:BeeX+B101+2026+type@vertical+block@v3'>hive</a> "
              "<a href='/static/gone.pdf'>gone</a> <a href='/jump_to_id/nowhere'>lost</a>"
              "<script>alert(1)</script></p>");
        write("html/h2.xml", "<html filename='h2'/>");
        write("html/h2.html", "<p onclick='alert(1)'>Second <a href='javascript:alert(1)'>x</a></p>");
        write("video/y1.xml", "<video youtube='0.75:aaa,1.00:bbb' url_name='y1' display_name='Flight'/>");
        write("problem/p1.xml", "<problem display_name='How many?'><choiceresponse/></problem>");
        write("static/dot_one.png", test::dot_png());
    }
    void write(const std::string& name, std::string_view text) const { folder.write("olx/" + name, text); }
    Result<ImportReport> import() {
        auto result = import_open_edx(folder.path() / "olx", folder.path() / "course", {});
        Problems problems;
        course = result ? load_course(folder.path() / "course", {}, problems) : std::nullopt;
        return result;
    }
    std::string html(const std::string& slug) const {
        const Lesson* lesson = course ? course->find_lesson(slug) : nullptr;
        return lesson ? test::CartridgeFixture::html(*lesson) : "no lesson " + slug;
    }

    test::TemporaryFolder folder;
    std::optional<Course> course;
};

TEST_F(OpenEdx, ChaptersBecomeModulesAndSubsectionsLessons) {
    EXPECT_EQ(find_course_format(folder.path() / "olx"), CourseFormat::open_edx);
    const auto result = import();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(course->title, "All about bees");
    EXPECT_EQ(course->summary, "What bees do.");
    EXPECT_EQ(course->licence, "CC BY-SA 4.0");
    EXPECT_THAT(course->authors, ElementsAre("BeeX"));
    ASSERT_EQ(course->modules.size(), 1u);
    EXPECT_EQ(course->modules[0].title, "Week 1");
    ASSERT_EQ(course->modules[0].lessons.size(), 2u);
    const std::string wings = html("wings");
    EXPECT_THAT(wings, HasSubstr("src=\"/courses/course/media/media/dot_one.png\""));
    EXPECT_THAT(wings, HasSubstr("<a href=\"#s-unit-2\">on</a> <a "
                                 "href=\"/courses/course/lessons/hives#s-unit-1\">hive</a> gone lost"));
    EXPECT_THAT(wings, HasSubstr("<a href=\"https://www.youtube.com/watch?v=bbb\" rel=\"noopener external\" "
                                 "class=\"external\">Video: Flight\u00a0<span class=\"external-mark\""));
    EXPECT_THAT(wings, HasSubstr("Colours</h2>"));
    EXPECT_THAT(html("hives"), HasSubstr("Inline <strong>page</strong>"));
    for (const char* slug : {"wings", "hives"}) {
        const auto found = test::find_dangers(html(slug), test::Markup::renderers);
        EXPECT_TRUE(found.empty()) << found.front();
    }
    EXPECT_TRUE(result->problems.empty()) << result->text();
}

TEST_F(OpenEdx, ReportNamesWhatDidNotCome) {
    const auto result = import();
    ASSERT_TRUE(result);
    for (const char* line :
         {"chapter/c2.xml: only staff may see this chapter", "problem/p1.xml (\"How many?\"): a problem",
          "vertical/v2.xml: blocks of the kind \"discussion\"", "html/h1.html: scripts were left out",
          "html/h2.html: the address \"javascript:alert(1)\"",
          "video/y1.xml: the video \"Flight\" is not shown within", "the video \"No address\" has no address",
          "the link \"gone\" to /static/gone.pdf became text",
          "the link \"lost\" to /jump_to_id/nowhere became text"})
        EXPECT_THAT(result->missing, Contains(HasSubstr(line)));
    EXPECT_EQ(result->missing.size(), 10u) << result->text();
}

TEST_F(OpenEdx, CirclesAndPathsOutOfTheCourseEnd) {
    folder.write("secret.html", "<p>secret</p>");
    folder.write("secret.xml", "<vertical><html><p>secret</p></html></vertical>");
    write("sequential/s2.xml",
          "<sequential display_name='Hives'><vertical url_name='v3'/><vertical "
          "url_name='../../secret'/></sequential>");
    write("vertical/v3.xml",
          "<vertical><vertical url_name='v3'/><vertical url_name='v4'/><html filename='../../secret'/>"
          "<html><p>here</p></html></vertical>");
    write("vertical/v4.xml", "<vertical><vertical url_name='v3'/><vertical url_name='v4'/></vertical>");
    std::string deep = "<html><p>deep</p></html>";
    for (int i = 0; i < 1000; ++i)
        deep = "<vertical>" + deep + "</vertical>";
    write("sequential/s1.xml",
          "<sequential display_name='Wings'>" + deep + "<vertical url_name='v2'/></sequential>");
    const auto result = import();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(html("hives"), "<p>here</p>\n");
    EXPECT_THAT(result->missing, Contains(HasSubstr("nested too deeply")));
}

TEST_F(OpenEdx, FaultsAreNamed) {
    write("course/2026.xml", "<course><chapter></course>");
    const auto result = import();
    ASSERT_FALSE(result);
    write("course/2026.xml", "<course/>");
    const auto empty = import();
    ASSERT_FALSE(empty);
    EXPECT_THAT(empty.error().message, HasSubstr("nothing that can become a lesson"));
}

}  // namespace
}  // namespace calyptenora::platform
