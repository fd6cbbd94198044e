#include "platform/imports/markdown_folder.hpp"

#include "cartridge_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class MarkdownFolder : public testing::Test {
  protected:
    void write(const std::string& name, std::string_view text) const { folder.write("notes/" + name, text); }
    Result<ImportReport> import(const CourseWishes& wishes = {.name = "02-my_notes"}) {
        std::error_code ignored;
        fs::remove_all(folder.path() / "course", ignored);
        auto result = import_markdown_folder(folder.path() / "notes", folder.path() / "course", wishes);
        Problems problems;
        course = result ? load_course(folder.path() / "course", {}, problems) : std::nullopt;
        return result;
    }
    std::vector<std::string> outline() const {
        std::vector<std::string> all;
        for (const Module& module : course->modules) {
            all.push_back(module.title + ":");
            for (const Lesson& lesson : module.lessons)
                all.push_back(lesson.title);
        }
        return all;
    }
    std::string html(const std::string& title) const {
        for (const Lesson* lesson : course->lessons())
            if (lesson->title == title)
                return test::CartridgeFixture::html(*lesson);
        return "no lesson " + title;
    }

    test::TemporaryFolder folder;
    std::optional<Course> course;
};

TEST_F(MarkdownFolder, FilesBecomeLessonsAndFoldersModules) {
    write("README.md", "# Bees & flowers\n\nWhat *bees* do all day.\n");
    write("10-last.md", "# Last\n\ntext\n");
    write("2-second.md", "text without a heading\n");
    write("1-first.md", "---\ntitle: First\nweight: 3\ntags: [a]\n---\n\n# Heading\n\ntext\n");
    write("b-part/_index.md", "---\ntitle: The other part\n---\n\nIntro.\n\nMore of it.\n");
    write("b-part/one.md", "+++\ntitle = \"Number one\"\ndate = 2020-01-01\n+++\n\ntext\n");
    write("b-part/deep/x.md", "# X\n\ntext\n");
    write("a-part/draft.md", "---\ndraft: true\n---\n# D\n");
    write("a-part/two.md", "# Two\n\ntext\n");
    write(".git/x.md", "# hidden\n");
    const auto result = import({.name = "notes", .language = "en", .licence = "CC BY 4.0", .author = "Ada"});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(course->title, "Bees & flowers");
    EXPECT_EQ(course->summary, "What bees do all day.");
    EXPECT_THAT(outline(),
                ElementsAre("Bees & flowers:", "First", "Second", "Last", "A part:", "Two",
                            "The other part:", "The other part", "Number one", "The other part: Deep:", "X"));
    EXPECT_THAT(result->missing, ElementsAre("a-part/draft.md: it is a draft"));
    EXPECT_THAT(result->changed, testing::IsEmpty()) << result->text();
}

TEST_F(MarkdownFolder, TheAuthorsMarkdownStaysAsItIs) {
    const std::string body =
        "One *two* __three__.\n\n::: callout\n## Note\n\nx\n:::\n\n```python\n# not a "
        "title\nprint(1)\n```\n\n"
        "| a | b |\n|---|--:|\n| 1 | 2 |\n";
    write("a.md", "# A\n" + body);
    ASSERT_TRUE(import());
    std::ifstream file(folder.path() / "course/01-a.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(text, HasSubstr(body));
    EXPECT_EQ(course->title, "My notes");
}

TEST_F(MarkdownFolder, LinksAndPicturesAreFoundOrReported) {
    write("a.md",
          "# A\n\n[1](part/b.md) [2](part/b) [3](part/) [4](/part/b.html#there) [5](#here) [6](gone.md) "
          "[7](../../secret.md) "
          "[8](plan.pdf) [9](javascript:alert(1))\n\n![dot](img/dot.png) ![gone](gone.png) "
          "![out](https://elsewhere.example/a.png)\n\n## Here\n\n`[code](gone.md)`\n");
    write("part/README.md", "# Part\n\ntext\n\nmore\n");
    write("part/b.md", "# B\n\n## There\n\n[back](../a.md) ![dot](/img/dot.png)\n");
    write("img/dot.png", test::dot_png());
    write("plan.pdf", "%PDF");
    folder.write("secret.md", "# secret\n");
    const auto result = import();
    ASSERT_TRUE(result) << result.error().message;
    const std::string a = html("A");
    const std::string b = "<a href=\"/courses/course/lessons/b\">";
    EXPECT_THAT(a,
                HasSubstr(b + "1</a> " + b +
                          "2</a> <a href=\"/courses/course/lessons/part\">3</a> <a "
                          "href=\"/courses/course/lessons/b#s-there\">4</a> <a href=\"#s-here\">5</a> 6 7 <a "
                          "href=\"/courses/course/media/media/plan.pdf\" download=\"\">8</a> 9"));
    EXPECT_THAT(a, HasSubstr("<code>[code](gone.md)</code>"));
    EXPECT_THAT(a, HasSubstr("src=\"/courses/course/media/media/img/dot.png\""));
    EXPECT_THAT(a, HasSubstr("<a href=\"https://elsewhere.example/a.png\""));
    EXPECT_THAT(html("B"), HasSubstr("src=\"/courses/course/media/media/img/dot.png\""));
    EXPECT_EQ(result->missing.size(), 5u) << result->text();
    EXPECT_THAT(result->missing, Contains(HasSubstr("a.md:3: the link \"gone.md\" to gone.md became text")));
    EXPECT_FALSE(has_error(result->problems));
}

TEST_F(MarkdownFolder, FaultsNameTheFile) {
    write("a.md", "---\ntitle: [\n---\ntext\n");
    write("b.md", "---\ntitle: B\n");
    auto result = import();
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("a.md:"));
    EXPECT_THAT(result.error().message, HasSubstr("b.md:1: error: the front matter is never closed"));
    fs::remove(folder.path() / "notes/b.md");
    write("a.md", "# A\n\n::: challenge\nnever closed\n");
    result = import();
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("a.md: the fence \"::: challenge\""));
}

}  // namespace
}  // namespace calyptenora::platform
