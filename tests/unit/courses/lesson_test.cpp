#include "course_folder_fixture.hpp"
#include "strict_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using test::OneLesson;
using testing::HasSubstr;

TEST(Lesson, GivesHeadingsLevelsWithoutGapsAndAnchors) {
    OneLesson lesson("# Top\n\n#### Deep *one*\n\n## Top\n\n## Größe & Maß\n");
    EXPECT_EQ(lesson.html(),
              "<h2 id=\"s-top\">Top</h2>\n<h3 id=\"s-deep-one\">Deep <em>one</em></h3>\n<h2 "
              "id=\"s-top-1\">Top</h2>\n"
              "<h2 id=\"s-größe-maß\">Größe &amp; Maß</h2>\n");
    const auto& toc = lesson.course->lessons().front()->toc;
    ASSERT_EQ(toc.size(), 4u);
    EXPECT_EQ(toc[1].text, "Deep one");
    EXPECT_EQ(toc[1].level, 3);
    EXPECT_EQ(toc[2].id, "s-top-1");
}

// Without text of its own, so that searches and contents lists do not find it.
const std::string mark =
    "\u00a0<span class=\"external-mark\" role=\"img\" aria-label=\"another website\"></span>";

TEST(Lesson, MarksExternalLinksAndKeepsLocalOnes) {
    OneLesson lesson("[a](https://a.example/x) www.b.example <mailto:c@c.example> [d](#e)\n\n## E\n");
    EXPECT_EQ(
        lesson.html(),
        "<p><a href=\"https://a.example/x\" rel=\"noopener external\" class=\"external\">a" + mark +
            "</a> "
            "<a href=\"http://www.b.example\" rel=\"noopener external\" class=\"external\">www.b.example" +
            mark +
            "</a> "
            "<a href=\"mailto:c@c.example\">mailto:c@c.example</a> <a href=\"#s-e\">d</a></p>\n<h2 "
            "id=\"s-e\">E</h2>\n");
    EXPECT_TRUE(lesson.problems.empty());
}

TEST(Lesson, APictureAloneBecomesAFigureWithItsSize) {
    OneLesson lesson("![A circle](pic.svg \"The circle\")\n\nText ![inline](pic.svg) text\n");
    EXPECT_EQ(lesson.html(),
              "<figure><img src=\"/courses/a/media/pic.svg\" alt=\"A circle\" loading=\"lazy\" width=\"320\" "
              "height=\"200\">"
              "<figcaption>The circle</figcaption></figure>\n<p>Text <img src=\"/courses/a/media/pic.svg\" "
              "alt=\"inline\" loading=\"lazy\" "
              "width=\"320\" height=\"200\"> text</p>\n");
    EXPECT_EQ(lesson.course->media.at("pic.svg").content_type, "image/svg+xml");
}

TEST(Lesson, APictureWithoutTextIsAProblemAndOneElsewhereIsNeverLoaded) {
    OneLesson lesson("\n![](pic.svg)\n\n![Map](https://tiles.example/1.png)\n");
    EXPECT_THAT(
        lesson.html(),
        HasSubstr("<a href=\"https://tiles.example/1.png\" rel=\"noopener external\" class=\"external\">Map" +
                  mark + "</a>"));
    EXPECT_THAT(lesson.html(), testing::Not(HasSubstr("src=\"https")));
    ASSERT_EQ(lesson.problems.size(), 2u);
    EXPECT_THAT(lesson.problems[0].text(),
                HasSubstr("01-one.md:5: warning: the picture \"pic.svg\" has no text"));
    EXPECT_THAT(
        lesson.problems[1].text(),
        HasSubstr("01-one.md:7: warning: the picture https://tiles.example/1.png lies at another origin"));
}

TEST(Lesson, ShowsCodeWhatAProgramSaidAndTables) {
    OneLesson lesson(
        "```python\nx = 'a' # b\n```\n\n```output\n<class "
        "'str'>\n```\n\n```error\nNo\n```\n\n|a|b|\n|---|--:|\n|1|2|\n");
    EXPECT_EQ(lesson.html(),
              "<pre class=\"code\" tabindex=\"0\"><code class=\"language-python\">x = <span "
              "class=\"hl-string\">'a'</span> "
              "<span class=\"hl-comment\"># b</span>\n</code></pre>\n"
              "<figure class=\"program\"><figcaption>Output</figcaption><pre class=\"program-output\" "
              "tabindex=\"0\"><samp>&lt;class 'str'&gt;\n</samp></pre></figure>\n"
              "<figure class=\"program\"><figcaption>Error message</figcaption><pre class=\"program-error\" "
              "tabindex=\"0\"><samp>No\n</samp></pre></figure>\n"
              "<div class=\"table-scroll\" tabindex=\"0\"><table>\n<thead>\n<tr>\n<th "
              "scope=\"col\">a</th>\n<th class=\"align-right\" scope=\"col\">b</th>\n</tr>\n"
              "</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td "
              "class=\"align-right\">2</td>\n</tr>\n</tbody>\n</table></div>\n");
}

// The table of contents leads there: what it names must be in the page.
TEST(Lesson, LongHeadingsHaveAnchorsThatThePageKeeps) {
    for (const char* word : {"long", "längere", "\xe4\xb8\xad"}) {
        std::string text;
        for (int i = 0; i < 60; ++i)
            text += std::string(word) + " ";
        test::OneLesson lesson("## " + text + "\n\n## " + text + "\n");
        const std::string html = lesson.html();
        ASSERT_EQ(lesson.course->lessons().front()->toc.size(), 2u);
        for (const TocEntry& entry : lesson.course->lessons().front()->toc)
            EXPECT_NE(html.find("id=\"" + entry.id + "\""), std::string::npos) << entry.id;
    }
}

TEST(Lesson, BoxesNestAndTheirFirstHeadingIsTheTitle) {
    OneLesson lesson(
        "## S\n\n:::: challenge\n\n## Try *it*\n\nText\n\n::: solution\n\nYes\n\n:::\n\n::: hint\n### "
        "Think\n\nHm\n:::\n::::\n\n### After\n",
        "de");
    EXPECT_EQ(lesson.html(),
              "<h2 id=\"s-s\">S</h2>\n<div class=\"box box-challenge\"><p class=\"box-label\">Aufgabe</p><h3 "
              "id=\"s-try-it\" class=\"box-title\">Try "
              "<em>it</em></h3>\n<p>Text</p>\n<details class=\"box "
              "box-solution\"><summary>Lösung</summary><p>Yes</p>\n</details>"
              "<details class=\"box box-hint\"><summary>Think</summary>\n<p>Hm</p>\n</details></div><h3 "
              "id=\"s-after\">After</h3>\n");
    EXPECT_EQ(lesson.course->lessons().front()->toc.size(), 2u);
}

TEST(Lesson, LeavesNotesForTeachersOut) {
    OneLesson lesson("a\n\n::: instructor\nsecret\n:::\n\nb\n");
    EXPECT_EQ(lesson.html(), "<p>a</p>\n<p>b</p>\n");
}

TEST(Lesson, UnknownBoxesAndOpenFencesNameTheirLine) {
    OneLesson unknown("\n::: chalenge\nx\n:::\n");
    EXPECT_THAT(unknown.html(), HasSubstr("01-one.md:5: error: unknown kind of box \"chalenge\""));
    OneLesson open("\n\n::: callout\nx\n");
    EXPECT_THAT(open.html(),
                HasSubstr("01-one.md:6: error: the fence \"::: callout\" is opened here and never closed"));
    OneLesson stray("\n:::\n");
    EXPECT_THAT(stray.html(), HasSubstr("01-one.md:5: error: this closing fence has no opening one"));
}

TEST(Lesson, LinkDefinitionsServeTheWholeLesson) {
    OneLesson lesson("::: callout\n[a][x]\n:::\n\n[b][x]\n\n[x]: https://a.example/\n");
    const std::string html = lesson.html();
    EXPECT_THAT(html,
                HasSubstr("<a href=\"https://a.example/\" rel=\"noopener external\" class=\"external\">a" +
                          mark + "</a>"));
    EXPECT_THAT(html,
                HasSubstr("<a href=\"https://a.example/\" rel=\"noopener external\" class=\"external\">b" +
                          mark + "</a>"));
}

TEST(Lesson, RawHtmlIsFilteredAndNamed) {
    OneLesson lesson("\n<div onclick=\"x\">\n\nText <script>alert(1)</script> <kbd>Ctrl</kbd>\n");
    EXPECT_EQ(lesson.html(), "<div>\n<p>Text  <kbd>Ctrl</kbd></p>\n</div>");
    ASSERT_EQ(lesson.problems.size(), 2u);
    EXPECT_THAT(lesson.problems[0].text(), HasSubstr("01-one.md:5: warning: onclick is not allowed"));
    EXPECT_THAT(lesson.problems[1].text(), HasSubstr("01-one.md:7: warning: <script> is not allowed"));
}

TEST(Lesson, AnElementLeftOpenInABoxEndsWithTheBox) {
    OneLesson lesson("::: callout\n<div><b>a\n:::\n\nafter\n");
    EXPECT_EQ(lesson.html(),
              "<div class=\"box box-callout\"><p "
              "class=\"box-label\">Note</p><div><b>a\n</b></div></div><p>after</p>\n");
}

TEST(Lesson, TaskListsHaveNamesForTheirBoxes) {
    OneLesson lesson("- [x] a\n- [ ] b\n");
    EXPECT_THAT(lesson.html(), HasSubstr("<li class=\"task-list-item\"><input type=\"checkbox\" "
                                         "class=\"task-list-item-checkbox\" disabled=\"\" "
                                         "checked=\"\" aria-label=\"done\">a</li>"));
}

TEST(Lesson, EstimatesItsMinutes) {
    OneLesson lesson(std::string(4500, 'x') + "\n");
    lesson.load();
    EXPECT_EQ(lesson.course->lessons().front()->text_length, 4500u);
    EXPECT_EQ(lesson.course->lessons().front()->minutes, 5);
}

TEST(LessonVideo, BecomesASlotBetweenTheText) {
    OneLesson lesson(
        "Before\n\n::: video\nembed: sample/intro-1\ntitle: The sun\nduration: \"2:05\"\ntranscript: "
        "t.md\n:::\n\nAfter\n");
    lesson.folder.write("a/t.md", "She *says* hello.\n");
    EXPECT_EQ(lesson.html(), "<p>Before</p>\n[video video-1]<p>After</p>\n");
    const VideoSlot& slot = *lesson.course->lessons().front()->videos().at(0);
    EXPECT_EQ(std::get<EmbeddedVideo>(slot.ref).player, "sample");
    EXPECT_EQ(std::get<EmbeddedVideo>(slot.ref).video, "intro-1");
    EXPECT_EQ(slot.provider, "video/embed");
    EXPECT_EQ(slot.title, "The sun");
    EXPECT_EQ(slot.duration, std::chrono::seconds(125));
    EXPECT_EQ(slot.transcript.str(), "<p>She <em>says</em> hello.</p>\n");
    EXPECT_TRUE(lesson.problems.empty());
}

TEST(LessonVideo, OfTheCourseItselfHasHashAndCaptions) {
    OneLesson lesson(
        "::: video\nsrc: v.mp4\ntitle: V\nprovider: video/hls@second\ncaptions: [v.de.vtt, v.vtt]\n:::\n");
    lesson.folder.write("a/v.mp4", "not really a video");
    lesson.folder.write("a/v.de.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHallo\n");
    lesson.folder.write("a/v.vtt", "WEBVTT\n");
    EXPECT_EQ(lesson.html(), "[video video-1]");
    const VideoSlot& slot = *lesson.course->lessons().front()->videos().at(0);
    // printf 'not really a video' | sha256sum
    EXPECT_EQ(std::get<SelfHostedVideo>(slot.ref).content_hash,
              "72bd93d97bc35cb853ead2ff8cf097b9bddd2ddec759521ee5c0e6c9352863d6");
    EXPECT_EQ(slot.provider, "video/hls@second");
    ASSERT_EQ(slot.captions.size(), 2u);
    EXPECT_EQ(slot.captions[0].language, "de");
    EXPECT_EQ(slot.captions[0].label, "Deutsch");
    EXPECT_EQ(slot.captions[1].language, "en");
    EXPECT_TRUE(lesson.course->media.contains("v.mp4"));
}

struct BadVideo {
    std::string description;
    std::string message;
    friend void PrintTo(const BadVideo& bad, std::ostream* out) { *out << bad.message; }
};
class BadVideoSlot : public testing::TestWithParam<BadVideo> {};

TEST_P(BadVideoSlot, NamesFileAndLine) {
    OneLesson lesson("\n::: video\n" + GetParam().description + ":::\n");
    lesson.load();
    ASSERT_FALSE(lesson.problems.empty());
    EXPECT_THAT(lesson.problems.front().text(), HasSubstr("01-one.md" + GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Description, BadVideoSlot,
    testing::Values(BadVideo{"embed: a/b\n", ":6: error: \"title\" is missing"},
                    BadVideo{"title: A\n", ":6: error: a video needs exactly one of \"src\" and \"embed\""},
                    BadVideo{"title: A\nsrc: none.mp4\n", ":7: error: there is no file \"none.mp4\""},
                    BadVideo{"title: A\nsrc: ../01-one.md\n", ":7: error: there is no file"},
                    BadVideo{"title: A\nembed: https://evil.example/x\n",
                             ":7: error: \"https://evil.example/x\" is not of the form player/video"},
                    BadVideo{"title: A\nembed: a/b\nautplay: yes\n", ":8: error: unknown key \"autplay\""},
                    BadVideo{"title: A\nembed: a/b\nduration: long\n", ":8: error: \"long\" is no duration"},
                    BadVideo{"title: A\nembed: a/b\nprovider: auth/password\n",
                             ":8: error: \"auth/password\" is no plugin instance for videos"},
                    BadVideo{"title: A\nembed: a/b\ncaptions: pic.svg\n",
                             ":8: error: \"pic.svg\" is no WebVTT file"},
                    BadVideo{"title: A\nembed: a/b\n",
                             ":6: warning: the video \"A\" has neither captions nor a transcript"}));

TEST(LessonVideo, InsideABoxIsRefused) {
    OneLesson lesson("::: callout\n::: video\nembed: a/b\ntitle: A\n:::\n:::\n");
    EXPECT_THAT(lesson.html(), HasSubstr("01-one.md:5: error: a video stands inside a box"));
}

TEST(SafeHtml, EscapesText) {
    EXPECT_EQ(SafeHtml().markup("<p title=\"").text("a\"<&>'").markup("\">").str(),
              "<p title=\"a&quot;&lt;&amp;&gt;'\">");
}

}  // namespace
}  // namespace calyptenora::platform
