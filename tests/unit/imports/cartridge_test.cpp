#include "platform/imports/cartridge.hpp"

#include "cartridge_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Cartridge : public testing::Test, protected test::CartridgeFixture {
  protected:
    std::string page(const std::string& body) {
        add("wiki_content/page.html", "<html><head><title>T</title></head><body>" + body + "</body></html>",
            "Page");
        const auto result = import();
        EXPECT_TRUE(result) << result.error().message;
        if (result)
            report = *result;
        return html("Page");
    }
    ImportReport report;
};

TEST_F(Cartridge, ItemsBecomeModulesAndLessonsInTheirOrder) {
    metadata =
        "<lomimscc:lom xmlns:lomimscc='x'><lomimscc:general><lomimscc:title><lomimscc:string "
        "language='de'>Kurs &amp; "
        "mehr</lomimscc:string></lomimscc:title><lomimscc:language>de</"
        "lomimscc:language><lomimscc:description>"
        "<lomimscc:string>Worum es "
        "geht.</lomimscc:string></lomimscc:description></lomimscc:general><lomimscc:rights>"
        "<lomimscc:description><lomimscc:string>see http://creativecommons.org/licenses/by-nc-sa/3.0/de/"
        "</lomimscc:string></lomimscc:description></lomimscc:rights></lomimscc:lom>";
    add_unlisted("a.html", "<p>a</p>");
    add_unlisted("b.html", "<p>b</p>");
    add_unlisted("c.html", "<p>c</p>");
    add_unlisted("d.html", "<p>d</p>");
    const auto result = import(
        "<item identifier='r'><item identifier='1' identifierref='res1'><title>Vorab</title></item>"
        "<item identifier='2'><title>Teil</title><item identifier='3' identifierref='res2'><title>2. "
        "Schritt</title></item>"
        "<item identifier='4'><title>Zwischentitel</title></item>"
        "<item identifier='5' identifierref='res3'><title>Noch einer</title></item>"
        "<item identifier='6'><title>Tiefer</title><item identifier='7' identifierref='res4'><title>Noch "
        "einer</title>"
        "</item></item></item></item>");
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_TRUE(course);
    EXPECT_EQ(course->title, "Kurs & mehr");
    EXPECT_EQ(course->language, "de");
    EXPECT_EQ(course->summary, "Worum es geht.");
    EXPECT_EQ(course->licence, "CC BY-NC-SA 3.0");
    std::vector<std::string> order;
    for (const Module& module : course->modules) {
        order.push_back(module.title + ":");
        for (const Lesson& one : module.lessons)
            order.push_back(one.slug);
    }
    EXPECT_THAT(order, ElementsAre("Kurs & mehr:", "vorab", "Teil:", "2-schritt",
                                   "Teil: Zwischentitel:", "noch-einer", "Teil: Tiefer:", "noch-einer-2"));
}

TEST_F(Cartridge, APageIsWrittenAsMarkdownForItsAuthor) {
    page(
        "<h1>Page</h1><div style='color:red'><p>One <b>two</b> <i>three</i>.</p><ul><li>a</li><li>b</li></ul>"
        "<table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td>2</td></tr></table></div>");
    std::ifstream file(folder.path() / "course/01-page.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text,
              "---\ntitle: \"Page\"\n---\n\nOne **two** *three*.\n\n- a\n- b\n\n| x | y |\n| --- | --- |\n| "
              "1 | 2 |\n");
}

TEST_F(Cartridge, LinksOfCanvasLeadToLessons) {
    add("wiki_content/other-page.html", "<h2 id='here'>Here</h2><p>text</p>", "Other");
    const std::string html = page(
        "<p><a href='%24WIKI_REFERENCE%24/pages/other-page'>1</a> <a "
        "href='$WIKI_REFERENCE$/pages/res1?x=1#here'>2</a> "
        "<a href='$CANVAS_OBJECT_REFERENCE$/pages/res1'>3</a> <a "
        "href='$CANVAS_OBJECT_REFERENCE$/modules/module1'>4</a> "
        "<a href='$CANVAS_COURSE_REFERENCE$/modules/items/item1'>5</a> <a href='other-page.html'>6</a> "
        "<a href='/courses/17/pages/other-page'>7</a></p>");
    for (const char* number : {"1", "3", "4", "5", "6", "7"})
        EXPECT_THAT(html,
                    HasSubstr(std::string("<a href=\"/courses/course/lessons/other\">") + number + "</a>"));
    EXPECT_THAT(html, HasSubstr("<a href=\"/courses/course/lessons/other#s-here\">2</a>"));
    EXPECT_THAT(report.problems, testing::IsEmpty());
}

TEST_F(Cartridge, FilesAndPicturesComeWithTheLesson) {
    folder.write("source/web_resources/My Files/dot (1).png", test::dot_png());
    folder.write("source/web_resources/plan.pdf", "%PDF-1.4");
    folder.write("source/shared/table.csv", "a,b");
    const std::string html = page(
        "<p><img src='%24IMS-CC-FILEBASE%24/My%20Files/dot%20(1).png?canvas_download=1' alt='A dot'></p>"
        "<p><a href='$IMS-CC-FILEBASE$/plan.pdf'>Plan</a> <a "
        "href='$IMS-CC-FILEBASE$../shared/table.csv'>Table</a></p>");
    EXPECT_THAT(html, HasSubstr("src=\"/courses/course/media/media/My-Files/dot-1.png\""));
    EXPECT_THAT(html, HasSubstr("href=\"/courses/course/media/media/plan.pdf\""));
    EXPECT_THAT(html, HasSubstr("href=\"/courses/course/media/media/shared/table.csv\""));
    EXPECT_THAT(report.missing, testing::IsEmpty()) << report.text();
}

TEST_F(Cartridge, WhatWouldBeBrokenBecomesTextAndIsReported) {
    folder.write("source/web_resources/no.png", "<script>alert(1)</script>");
    folder.write(
        "source/web_resources/evil.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>alert(1)</script></svg>");
    folder.write("source/web_resources/tool.exe", "MZ");
    const std::string html = page(
        "<p><a href='gone.html'>one</a> <a href='$WIKI_REFERENCE$/pages/gone'>two</a> <a "
        "href='#gone'>three</a> "
        "<a href='$CANVAS_OBJECT_REFERENCE$/quizzes/i1'>four</a> <a "
        "href='@X@EmbeddedFile.requestUrlStub@X@xid-1'>five</a> "
        "<a href='../../../etc/passwd'>six</a> <a href='$IMS-CC-FILEBASE$/tool.exe'>seven</a> <a "
        "href='/files/1'>eight</a>"
        "</p><p><img src='gone.png' alt='nine'> <img src='$IMS-CC-FILEBASE$/no.png' alt='ten'> "
        "<img src='$IMS-CC-FILEBASE$/evil.svg' alt='eleven'> <img src='https://elsewhere.example/a.png' "
        "alt='twelve'></p>");
    EXPECT_THAT(html, HasSubstr("one two three four five six seven eight"));
    EXPECT_THAT(
        html,
        HasSubstr("<em>nine</em> <em>ten</em> <em>eleven</em> <a href=\"https://elsewhere.example/a.png\""));
    EXPECT_THAT(html, Not(HasSubstr("<img")));
    EXPECT_EQ(report.missing.size(), 12u) << report.text();
    for (const std::string& line : report.missing)
        EXPECT_THAT(line, testing::StartsWith("wiki_content/page.html: "));
    EXPECT_FALSE(fs::exists(folder.path() / "course/media/evil.svg"));
}

TEST_F(Cartridge, WhatIsEmbeddedBecomesALinkAndNeverAFrame) {
    const std::string html = page(
        "<iframe src='//www.youtube.com/embed/abc123?rel=0' title='How it works'></iframe>"
        "<p>before <iframe src='https://player.vimeo.com/video/42'></iframe> after</p>"
        "<video><source src='https://videos.example/a.mp4'></video><object "
        "data='https://flash.example/x.swf'></object>");
    EXPECT_THAT(
        html,
        HasSubstr("<a href=\"https://www.youtube.com/watch?v=abc123\" rel=\"noopener external\" "
                  "class=\"external\">Video: How it works (youtube.com)\u00a0<span class=\"external-mark\""));
    EXPECT_THAT(html, HasSubstr("href=\"https://vimeo.com/42\""));
    EXPECT_THAT(html, HasSubstr("href=\"https://videos.example/a.mp4\""));
    EXPECT_THAT(html, HasSubstr("href=\"https://flash.example/x.swf\""));
    EXPECT_THAT(html, Not(HasSubstr("<iframe")));
    EXPECT_EQ(report.missing.size(), 4u) << report.text();
}

TEST_F(Cartridge, WebLinksAndDiscussionsBecomeLessons) {
    add("link.xml",
        "<webLink xmlns='http://www.imsglobal.org/xsd/imsccv1p1/imswl_v1p1'><title>Read on</title><url "
        "href='https://read.example/?a=1&amp;b=2' target='_iframe'/></webLink>",
        "Read on", "imswl_xmlv1p1");
    folder.write("source/web_resources/a.pdf", "%PDF");
    add("topic.xml",
        "<topic xmlns='http://www.imsglobal.org/xsd/imsccv1p3/imsdt_v1p3'><title>Talk</title><text "
        "texttype='text/html'>&lt;p&gt;What do &lt;b&gt;you&lt;/b&gt; "
        "think?&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;"
        "</text><attachments><attachment href='web_resources/a.pdf'/></attachments></topic>",
        "Talk", "imsdt_xmlv1p3");
    add("plain.xml", "<topic><title>Plain</title><text texttype='text/plain'>1 &lt; 2</text></topic>",
        "Plain", "imsdt_xmlv1p1");
    const auto result = import();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(html("Read on"), HasSubstr("<a href=\"https://read.example/?a=1&amp;b=2\""));
    EXPECT_THAT(html("Talk"), HasSubstr("What do <strong>you</strong> think?"));
    EXPECT_THAT(html("Talk"), HasSubstr("a.pdf</a>"));
    EXPECT_THAT(html("Plain"), HasSubstr("1 &lt; 2"));
    EXPECT_THAT(result->text(), HasSubstr("topic.xml: scripts were left out"));
    EXPECT_THAT(result->text(), HasSubstr("nobody can answer there"));
}

TEST_F(Cartridge, QuizzesToolsAndTheUnknownAreNamed) {
    add("page.html", "<p>x</p>", "Page");
    add("quiz.xml",
        "<questestinterop><assessment><section><item ident='1'/><item "
        "ident='2'/></section></assessment></questestinterop>",
        "Final quiz", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment");
    add("tool.xml", "<cartridge_basiclti_link/>", "Badges", "imsbasiclti_xmlv1p0");
    add("odd.xml", "<x/>", "Odd", "imsodd_xmlv9");
    const auto result = import();
    ASSERT_TRUE(result);
    EXPECT_THAT(result->missing, Contains(HasSubstr("Final quiz: a quiz with 2 questions")));
    EXPECT_THAT(result->missing, Contains(HasSubstr("Badges: an external tool (LTI)")));
    EXPECT_THAT(result->missing, Contains(HasSubstr("Odd: resources of the type \"imsodd_xmlv9\"")));
    EXPECT_EQ(course->lessons().size(), 1u);
}

TEST_F(Cartridge, PagesThatOnlyLinksLeadToComeInAModuleOfTheirOwn) {
    add("a.html", "<p><a href='b.html'>b</a></p>", "A");
    add_unlisted("b.html", "<title>Bee</title><p><a href='c.html'>c</a></p>");
    folder.write("source/c.html", "<title>Sea</title><p>c</p>");
    add_unlisted("d.html", "<p>nobody links here</p>");
    add_unlisted("e.html", "<meta name='workflow_state' content='unpublished'><p>draft</p>");
    const auto result = import();
    ASSERT_TRUE(result);
    ASSERT_EQ(course->modules.size(), 2u);
    EXPECT_EQ(course->modules[1].title, "Further pages");
    EXPECT_EQ(course->modules[1].lessons.size(), 2u);
    EXPECT_THAT(html("Bee"), HasSubstr("lessons/sea"));
    EXPECT_THAT(result->missing, Contains(HasSubstr("d.html: it is not in the contents")));
}

TEST_F(Cartridge, WhatTheSourceDoesNotSayIsAssumedOrWished) {
    add("a.html", "<p>x</p>", "A");
    auto result = import();
    ASSERT_TRUE(result);
    EXPECT_EQ(course->licence, "not stated");
    EXPECT_EQ(result->changed.size(), 4u) << result->text();
    wishes = {.title = "Mein Kurs", .language = "de", .licence = "cc by 4.0", .author = "Ada"};
    result = import();
    ASSERT_TRUE(result);
    EXPECT_EQ(course->title, "Mein Kurs");
    EXPECT_EQ(course->licence, "CC BY 4.0");
    EXPECT_EQ(course->licence_url, "https://creativecommons.org/licenses/by/4.0/");
    EXPECT_THAT(course->authors, ElementsAre("Ada"));
    EXPECT_THAT(result->changed, testing::IsEmpty());
}

TEST_F(Cartridge, OldEncodingsAreRead) {
    EXPECT_THAT(page("<p>Gr\xfc\xdf"
                     "e \x84zitiert\x93</p>"),
                HasSubstr("Grüße „zitiert“"));
}

TEST_F(Cartridge, FormulasComeWithTheirSource) {
    const std::string html = page(
        "<p><img class='equation_image' src='/equation_images/x' alt='LaTeX: x^2' "
        "data-equation-content='x^2'> <math alttext='y_1'><mi>y</mi></math> and \\(a &lt; b\\) not $5 or $6, "
        "but <code>\\(c\\)</code></p>"
        "<p>\\[ \\frac{a}{b} \\]</p>"
        "<script type='math/tex; mode=display'>z^3</script>"
        "<table><tr><td colspan='2'>[mathjaxinline]q_1[/mathjaxinline]</td></tr></table>");
    EXPECT_THAT(html, HasSubstr("alttext=\"x^2\"><msup><mi>x</mi><mn>2</mn></msup></math>"));
    EXPECT_THAT(html, HasSubstr("alttext=\"y_1\""));
    EXPECT_THAT(html, HasSubstr("alttext=\"a &lt; b\""));
    EXPECT_THAT(html, HasSubstr("not $5 or $6, but <code>\\(c\\)</code></p>"));
    EXPECT_THAT(html, HasSubstr("<math display=\"block\" alttext=\"\\frac{a}{b}\">"));
    EXPECT_THAT(html, HasSubstr("<math display=\"block\" alttext=\"z^3\">"));
    EXPECT_THAT(html, HasSubstr("alttext=\"q_1\""));
    EXPECT_THAT(report.missing, testing::IsEmpty());
}

TEST_F(Cartridge, AFormulaWithoutItsSourceIsItsText) {
    EXPECT_THAT(page("<p><math><msup><mi>y</mi><mn>2</mn></msup></math></p>"), HasSubstr("<code>y 2</code>"));
    ASSERT_EQ(report.missing.size(), 1u);
    EXPECT_THAT(report.missing.front(), HasSubstr("a formula that came without its source"));
}

TEST_F(Cartridge, AFormulaThatCannotBeTypesetIsNamedInTheReport) {
    EXPECT_THAT(page("<p>\\(\\href{javascript:alert(1)}{x}\\)</p>"),
                HasSubstr("<code class=\"language-latex\">\\href{javascript:alert(1)}{x}</code>"));
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems.front().what,
                HasSubstr("cannot be typeset: Unrecognised command \"\\href\""));
}

TEST_F(Cartridge, NothingOutsideThePackageIsRead) {
    folder.write("secret.html", "<p>secret</p>");
    folder.write("source/x", "");
    fs::create_symlink(folder.path() / "secret.html", folder.path() / "source/link.html");
    resources =
        "<resource identifier='out' type='webcontent' href='../secret.html'/>"
        "<resource identifier='link' type='webcontent' href='link.html'/>"
        "<resource identifier='abs' type='webcontent' href='" +
        (folder.path() / "secret.html").string() + "'/>";
    add("a.html", "<p><a href='../secret.html'>s</a> <a href='link.html'>l</a></p>", "A");
    items +=
        "<item identifier='i1' identifierref='out'><title>Out</title></item>"
        "<item identifier='i2' identifierref='link'><title>Link</title></item>"
        "<item identifier='i3' identifierref='abs'><title>Abs</title></item>";
    const auto result = import();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(course->lessons().size(), 1u);
    EXPECT_EQ(html("A"), "<p>s l</p>\n");
}

TEST_F(Cartridge, AManifestIsNoBomb) {
    add("a.html", "<p>x</p>", "A");
    write_manifest();
    std::ifstream file(folder.path() / "source/imsmanifest.xml");
    std::string manifest{std::istreambuf_iterator<char>(file), {}};
    std::string entities = "<!DOCTYPE manifest [<!ENTITY lol0 'lol'>";
    for (int i = 1; i < 12; ++i) {
        entities += "<!ENTITY lol" + std::to_string(i) + " '";
        for (int j = 0; j < 10; ++j)
            entities += "&lol" + std::to_string(i - 1) + ";";
        entities += "'>";
    }
    entities += "<!ENTITY file SYSTEM 'file:///etc/hostname'>]>";
    manifest.insert(manifest.find("<manifest"), entities);
    const auto title = manifest.find("<title>A</title>");
    ASSERT_NE(title, std::string::npos);
    manifest.replace(title, 16, "<title>A &lol11; &file;</title>");
    folder.write("source/imsmanifest.xml", manifest);
    const auto result = import_cartridge(folder.path() / "source", folder.path() / "course", {});
    ASSERT_TRUE(result) << result.error().message;
    Problems problems;
    const auto loaded = load_course(folder.path() / "course", {}, problems);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->lessons().front()->title, "A &lol11; &file;");
}

TEST_F(Cartridge, FaultsOfTheManifestAreNamed) {
    folder.write("source/imsmanifest.xml", "<manifest>\n<resources>\n<oops></manifest>");
    auto result = import_cartridge(folder.path() / "source", folder.path() / "course", {});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("imsmanifest.xml:3: this is no XML"));
    folder.write("source/imsmanifest.xml", "<manifest/>");
    result = import_cartridge(folder.path() / "source", folder.path() / "course", {});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("nothing that can become a lesson"));
    std::string deep = "<manifest><organizations><organization>";
    for (int i = 0; i < 100'000; ++i)
        deep += "<item>";
    folder.write("source/imsmanifest.xml", deep);
    EXPECT_FALSE(import_cartridge(folder.path() / "source", folder.path() / "course", {}));
}

}  // namespace
}  // namespace calyptenora::platform
