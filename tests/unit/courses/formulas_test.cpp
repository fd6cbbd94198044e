#include "course_folder_fixture.hpp"
#include "html_dangers.hpp"
#include "platform/courses/formula_typesetter.hpp"
#include "platform/courses/markdown.hpp"
#include "platform/courses/mathml.hpp"
#include "strict_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace calyptenora::platform {
namespace {

using test::OneLesson;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> formulas_in(std::string_view markdown) {
    std::vector<std::string> all;
    for (const FoundFormula& found : find_formulas(markdown))
        all.push_back((found.formula.place == FormulaPlace::displayed ? "displayed " : "") +
                      found.formula.source);
    return all;
}

TEST(Formulas, StandBetweenDollars) {
    EXPECT_THAT(formulas_in("Mit $x^2$, ($y$) und $z$-ten"), ElementsAre("x^2", "y", "z"));
    EXPECT_THAT(formulas_in("$$\n\\frac{a}{b}\n+ 1\n$$\n"), ElementsAre("displayed \\frac{a}{b}\n+ 1"));
    EXPECT_THAT(formulas_in("> $$\n> a\n> = b\n> $$\n"), ElementsAre("displayed a\n= b"));
    EXPECT_THAT(formulas_in("a sum $1 +\n2$ over a line"), ElementsAre("1 +\n2"));
    EXPECT_THAT(formulas_in("$a_{\\text{in \\$}}$"), ElementsAre("a_{\\text{in \\$}}"));
    EXPECT_THAT(formulas_in("$`a*b*c`$"), ElementsAre("a*b*c"));
}

TEST(Formulas, AmountsOfMoneyAndCodeAreNone) {
    for (const char* text :
         {"It costs $5 and $10.", "It costs $5, not $10", "from $5-$10", "US$5 to US$7", "5$ bis 10$",
          "(5$/10$)", "$ x $", "\\$x$", "one $ alone", "`$HOME` and `$PATH`", "```\n$x$\n```\n",
          "$PATH:$HOME", "- $5\n- 6$.", "for $5\n\nor 6$.", "| $5 |\n| 6$ |", "<a title=\"$x$\">", "$$ $$",
          "$$$x$$$", "a\n$$\nx\n\ny\n$$\n"})
        EXPECT_THAT(formulas_in(text), IsEmpty()) << text;
}

TEST(Formulas, CodeAndTagsEndInTheirParagraph) {
    EXPECT_THAT(formulas_in("``a ` $x$`` $y$"), ElementsAre("y"));
    EXPECT_THAT(formulas_in("`a\n\n$x$ ` b"), ElementsAre("x"));
    EXPECT_THAT(formulas_in("`a` ``$x$\n\n``$y$``, `` $z$"), ElementsAre("x", "z"));
    EXPECT_THAT(formulas_in("\\```$x$`` ```$y$"), ElementsAre("y"));
    EXPECT_THAT(formulas_in("a <b $x$\n\n<c title=\"$y$\"> > $z$"), ElementsAre("x", "z"));
}

// Most of them took minutes as long as every mark was looked for to the end of the text.
TEST(Formulas, AreFoundInTextsMadeToBeSlow) {
    constexpr std::size_t size = 2 * 1024 * 1024;
    const auto repeated = [](std::string_view part) {
        std::string text;
        while (text.size() < size)
            text += part;
        return text;
    };
    std::string growing;
    for (std::size_t length = 1; growing.size() < size; ++length)
        growing += std::string(length, '`') + ' ';
    for (const auto& text : {repeated("<a"), repeated("`a"), repeated("<a ` "), growing, repeated("``a`")})
        EXPECT_THAT(formulas_in(text + "\n\n$x$"), ElementsAre("x")) << text.substr(0, 20);
    EXPECT_EQ(formulas_in(repeated("$a$ ")).size(), size / 4);
}

TEST(Formulas, MarkdownLeavesThemAlone) {
    const auto html = [](std::string_view markdown) {
        return write_html(parse_markdown(markdown).nodes).str();
    };
    EXPECT_EQ(html("$a_1 * b_2 * c$ and *d*"),
              "<p><code class=\"language-math\">a_1 * b_2 * c</code> and <em>d</em></p>\n");
    EXPECT_EQ(html("$$\nx\n+ y\n= z\n$$"),
              "<p><code class=\"language-displaymath\">x\n+ y\n= z</code></p>\n");
    EXPECT_THAT(html("| a |\n|---|\n| $\\vert a | b$ |\n"),
                HasSubstr("<td><code class=\"language-math\">\\vert a | b</code></td>"));
    // What is no text stays what it was; and a word of the author is no formula.
    EXPECT_EQ(
        html("[$x$ here](https://a.example/?q=$x$) formula0y formulax0y"),
        "<p><a href=\"https://a.example/?q=$x$\"><code class=\"language-math\">x</code> here</a> formula0y "
        "formulax0y</p>\n");
    EXPECT_EQ(html("    $x$\n"), "<pre><code>$x$\n</code></pre>\n");
    EXPECT_EQ(html("It costs $5 and \\$10.\n"), "<p>It costs $5 and $10.</p>\n");
}

TEST(Formulas, BecomeMathMl) {
    OneLesson lesson("Area $r^2$.\n\n$$\n\\sum_{i=1}^n x_i\n$$\n\n```math\na\n```\n");
    EXPECT_EQ(lesson.html(),
              "<p>Area <math alttext=\"r^2\"><msup><mi>r</mi><mn>2</mn></msup></math>.</p>\n"
              "<span class=\"formula\" tabindex=\"0\"><math display=\"block\" alttext=\"\\sum_{i=1}^n x_i\">"
              "<mstyle displaystyle=\"true\"><munderover><mo lspace=\"0\" rspace=\"0.167em\" "
              "stretchy=\"false\">∑</mo><mrow><mi>i</mi><mo lspace=\"0\" rspace=\"0\">=</mo><mn>1</mn></mrow>"
              "<mi>n</mi></munderover><msub><mi>x</mi><mi>i</mi></msub></mstyle></math></span>\n"
              "<span class=\"formula\" tabindex=\"0\"><math display=\"block\" alttext=\"a\"><mstyle "
              "displaystyle=\"true\"><mi>a</mi></mstyle></math></span>\n");
    EXPECT_THAT(lesson.problems, IsEmpty());
}

TEST(Formulas, StandInHeadingsTablesBoxesAndListsOfContents) {
    OneLesson lesson(
        "## The area $r^2$\n\n| $a$ | b |\n|---|---|\n| 1 | $c$ |\n\n::: callout\n\nIt is $d$.\n\n:::\n\n"
        "- $e$\n  $$\n  f\n  $$\n");
    const std::string html = lesson.html();
    for (const char* name : {"a", "c", "d", "e", "f"})
        EXPECT_THAT(html, HasSubstr(std::string("<mi>") + name + "</mi>")) << name;
    EXPECT_EQ(lesson.course->lessons().front()->toc.front().text, "The area r^2");
    EXPECT_EQ(lesson.course->lessons().front()->toc.front().id, "s-the-area-r2");
    EXPECT_THAT(lesson.problems, IsEmpty());
    EXPECT_THAT(html, Not(HasSubstr("$")));
}

TEST(Formulas, LongOnesInTextScrollByThemselves) {
    OneLesson lesson("So $a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p = q$ holds.\n");
    EXPECT_THAT(lesson.html(), HasSubstr("So <span class=\"formula-within\" tabindex=\"0\"><math "));
}

TEST(Formulas, CommandsThatAuthorsUseAreKnown) {
    for (const char* tex : {"\\dfrac12",
                            "\\tfrac{a}{b}",
                            "30\\degree",
                            "5\\,\\euro",
                            "\\operatorname*{argmin}_x f(x)",
                            "\\argmax_x",
                            "x \\coloneqq 1",
                            "\\begin{align*}a&=b\\\\c&=d\\end{align*}",
                            "\\begin{equation}a\\label{x}\\end{equation}",
                            "\\begin{array}{cc}1&2\\\\3&4\\end{array}",
                            "\\left( a \\middle| b \\right)",
                            "\\stackrel{a}{=}",
                            "\\begin{gather}a\\\\b\\end{gather}",
                            "P(A \\mid B)",
                            "\\bar{x}",
                            "\\mathring{A}",
                            "\\binom{n}{k}",
                            "1{,}5\\,\\%",
                            "\\text{Größe} \\approx \\lVert v \\rVert",
                            "α + β",
                            "a \\xrightarrow{f} b",
                            "\\newcommand{\\degree}{x}\\degree"}) {
        FormulaTypesetter typesetter;
        const auto& typeset = typesetter.find({tex, FormulaPlace::displayed});
        EXPECT_TRUE(typeset.math) << tex << ": " << typeset.fault;
    }
}

TEST(Formulas, AlphabetsAndAlignmentAreSaidAsBrowsersReadThem) {
    FormulaTypesetter typesetter;
    const auto html = [&](const char* tex) {
        const auto& typeset = typesetter.find({tex, FormulaPlace::in_text});
        return typeset.math ? write_html({*typeset.math}).str() : typeset.fault;
    };
    EXPECT_THAT(html("\\mathbb{R}"), HasSubstr("<mi>ℝ</mi>"));
    EXPECT_THAT(html("\\mathbf{v}"), HasSubstr("<mi>𝐯</mi>"));
    EXPECT_THAT(html("\\mathcal{L}"), HasSubstr("<mi>ℒ</mi>"));
    EXPECT_THAT(html("\\mathfrak{g}"), HasSubstr("<mi>𝔤</mi>"));
    EXPECT_THAT(html("\\boldsymbol{\\alpha}"), HasSubstr("<mi>𝜶</mi>"));
    EXPECT_THAT(html("\\textbf{für}"), HasSubstr("<mtext class=\"formula-bold\">für</mtext>"));
    EXPECT_THAT(html("\\bar{x}"), HasSubstr("<mover accent=\"true\"><mi>x</mi><mo>¯</mo></mover>"));
    EXPECT_THAT(html("\\begin{aligned}a&=b\\end{aligned}"),
                testing::AllOf(HasSubstr("<mtd class=\"formula-right\"><mi>a</mi>"),
                               HasSubstr("<mtd class=\"formula-left\">"), Not(HasSubstr("columnalign"))));
    // An author's colour may not be legible on a dark page.
    EXPECT_THAT(html("\\color{red}{x}"), HasSubstr("<mi>x</mi>"));
}

const char* const attacks[] = {
    "$\\text{<script>alert(1)</script>}$",
    "$\\text{</mtext></math><img src=x onerror=alert(1)>}$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\class{evil}{x}$",
    "$\\style{background:url(//evil.example)}{x}$",
    "$\\unicode{x3c}script\\unicode{x3e}$",
    "$x\" onmouseover=\"alert(1)$",
    "$\\mathvariant{\"><script>}{x}$",
    "$&lt;script&gt;alert(1)&lt;/script&gt;$",
    "$\\text{&#60;script&#62;alert(1)&#60;/script&#62;}$",
    "$]]>\"/><m id=\"0\"><math><maction actiontype=\"statusline\"/></math></m>$",
    "$\\text{<!--}$ <b onclick=x> $\\text{-->}$",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math href=\"javascript:alert(1)\">$x$</math>",
    "<code class=\"language-math\">\\text{<script>alert(1)</script>}</code>",
    "<code class=\"language-math\">\\text{&lt;img src=x onerror=alert(1)&gt;}</code>",
    "$\\newcommand{\\a}{\\a\\a}\\a$",
    "$\\input{/etc/passwd}$",
};

TEST(Formulas, AttacksInThemStayText) {
    for (const char* attack : attacks) {
        OneLesson lesson(std::string("Before ") + attack + " after\n");
        const std::string html = lesson.html();
        EXPECT_THAT(test::find_dangers(html, test::Markup::renderers), IsEmpty()) << attack << "\n" << html;
        EXPECT_EQ(test::StrictHtml(html).fault(), "") << html;
        EXPECT_THAT(html, Not(HasSubstr("root:"))) << attack;
    }
    // What the eyes above would see if it came through.
    EXPECT_THAT(
        test::find_dangers("<math href=\"javascript:alert(1)\"><mi>x</mi></math>", test::Markup::renderers),
        Not(IsEmpty()));
    EXPECT_THAT(test::find_dangers("<math><maction><mi>x</mi></maction></math>", test::Markup::renderers),
                Not(IsEmpty()));
    EXPECT_THAT(
        test::find_dangers("<math><mtext><script>alert(1)</script></mtext></math>", test::Markup::renderers),
        Not(IsEmpty()));
}

TEST(Formulas, WhatATypesetterSaysMeetsTheList) {
    const auto html = [](const char* xml) {
        const auto parsed = parse_mathml(xml);
        return parsed ? write_html({*parsed}).str() : "refused: " + parsed.error().message;
    };
    EXPECT_EQ(html("<math display='block'><mi>x</mi></math>"), "<math display=\"block\"><mi>x</mi></math>");
    for (const char* bad :
         {"<math><maction actiontype='statusline'><mi>x</mi></maction></math>",
          "<math><semantics><annotation-xml "
          "encoding='text/html'><script/></annotation-xml></semantics></math>",
          "<math><mtext><img src='x'/></mtext></math>", "<math><math><mi>x</mi></math></math>",
          "<math><mglyph src='x'/></math>", "<svg/>", "<math>", ""})
        EXPECT_THAT(html(bad), testing::StartsWith("refused")) << bad;
    EXPECT_EQ(html("<math xlink:href='javascript:alert(1)' href='//a' onclick='x' style='x' "
                   "id='a'><mo lspace='1em;x' stretchy='maybe' fence='true' mathcolor='red'>+</mo></math>"),
              "<math><mo>+</mo></math>");
    std::string deep;
    for (int i = 0; i < 200; ++i)
        deep += "<mrow>";
    EXPECT_THAT(html(("<math>" + deep).c_str()), testing::StartsWith("refused"));
    // Beyond a tree that a mistake of ours has made, the writer has the same list.
    HtmlNode forged{
        .tag = "math", .attributes = {{"href", "javascript:alert(1)"}}, .text = {}, .children = {}};
    forged.children.push_back({.tag = "maction", .attributes = {}, .text = {}, .children = {}});
    EXPECT_EQ(write_html({forged}).str(), "<math></math>");
}

TEST(Formulas, OneThatCannotBeTypesetIsShownAsItsSourceAndNamed) {
    OneLesson lesson("Well $x^2$,\nill $\\frac{a$.\n\n$$\n\\foo b\n$$\n");
    EXPECT_THAT(lesson.html(), HasSubstr("ill <code class=\"language-latex\">\\frac{a</code>."));
    EXPECT_THAT(lesson.html(), HasSubstr("<code class=\"language-latex\">\\foo b</code>"));
    EXPECT_THAT(lesson.html(), HasSubstr("<msup>"));
    ASSERT_EQ(lesson.problems.size(), 2u);
    EXPECT_THAT(
        lesson.problems[0].text(),
        HasSubstr(
            "01-one.md:5: warning: the formula \"\\frac{a\" cannot be typeset: Encountered open brace"));
    EXPECT_THAT(lesson.problems[0].text(), HasSubstr("; correct it; until then readers see its source"));
    EXPECT_THAT(
        lesson.problems[1].text(),
        HasSubstr("01-one.md:8: warning: the formula \"\\foo b\" cannot be typeset: Unrecognised command "
                  "\"\\foo\""));
}

CourseOptions with_typesetter(const char* program) {
    CourseOptions options;
    options.typesetter = program;
    return options;
}

TEST(Formulas, WithoutTheTypesetterTheirSourceIsShownAndThatIsSaidOnce) {
    OneLesson lesson("Well $x^2$ and $y$.\n\n$$z$$\n");
    Problems problems;
    const auto course =
        load_course(lesson.folder.path() / "a", with_typesetter("no-such-typesetter"), problems);
    ASSERT_TRUE(course);
    EXPECT_THAT(
        std::get<SafeHtml>(course->lessons().front()->body.front()).str(),
        HasSubstr("<code class=\"language-latex\">x^2</code> and <code class=\"language-latex\">y</code>"));
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_THAT(
        problems.front().text(),
        HasSubstr("01-one.md:4: warning: formulas are shown as their source: no-such-typesetter cannot be "
                  "started: No such file or directory; install it"));
}

TEST(Formulas, ATypesetterThatFailsTakesNobodyAlong) {
    OneLesson lesson("$x$ and $y$\n");
    Problems problems;
    // It reads nothing and ends with an error, as one does that crashes.
    const auto course = load_course(lesson.folder.path() / "a", with_typesetter("false"), problems);
    ASSERT_TRUE(course);
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_THAT(problems.front().text(),
                HasSubstr("the formula \"x\" cannot be typeset: the typesetter failed, or"));
    // A character that XML cannot hold makes the whole run fail, and only its own formula is lost.
    FormulaTypesetter typesetter;
    typesetter.prepare({{"a", FormulaPlace::in_text}, {"\\text{\xef\xbf\xbf}", FormulaPlace::in_text}});
    EXPECT_TRUE(typesetter.find({"a", FormulaPlace::in_text}).math);
    EXPECT_FALSE(typesetter.find({"\\text{\xef\xbf\xbf}", FormulaPlace::in_text}).math);
}

/// A typesetter that is a few lines of shell.
class ShellTypesetter {
  public:
    explicit ShellTypesetter(const std::string& lines, bool may_run = true) {
        std::ofstream(path()) << "#!/bin/sh\n" << lines;
        std::filesystem::permissions(
            path(), may_run ? std::filesystem::perms::owner_all : std::filesystem::perms::owner_read);
    }
    std::string path() const { return folder_.path() / "typesetter"; }

  private:
    test::TemporaryFolder folder_;
};

std::vector<Formula> numbered_formulas(int count) {
    std::vector<Formula> formulas;
    for (int i = 0; i < count; ++i)
        formulas.push_back({"x_{" + std::to_string(i) + "}", FormulaPlace::in_text});
    return formulas;
}

TEST(Formulas, ATypesetterThatNeverEndsIsNotWaitedForWithEachFormula) {
    const ShellTypesetter program("exec sleep 600\n");
    FormulaTypesetter typesetter(program.path(), std::chrono::seconds(2));
    const auto formulas = numbered_formulas(1000);
    const auto begin = std::chrono::steady_clock::now();
    typesetter.prepare(formulas);
    // Waited for each by itself, it would be half an hour.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
    EXPECT_THAT(typesetter.outage(), IsEmpty());
    for (const Formula& formula : formulas)
        EXPECT_THAT(typesetter.find(formula).fault, HasSubstr("did not manage all formulas within 2 s"));
}

TEST(Formulas, OneOverWhichTheTypesetterNeverEndsLeavesTheOthersTheirTime) {
    const ShellTypesetter program(
        "input=$(cat)\ncase \"$input\" in *x_\\{5\\}*) exec sleep 600;; esac\n"
        "printf '%s\\n' \"$input\" | exec blahtexml \"$@\"\n");
    FormulaTypesetter typesetter(program.path(), std::chrono::seconds(12));
    const auto formulas = numbered_formulas(8);
    typesetter.prepare(formulas);
    for (const Formula& formula : formulas)
        EXPECT_EQ(typesetter.find(formula).math.has_value(), formula.source != "x_{5}") << formula.source;
    EXPECT_THAT(typesetter.find(formulas[5]).fault, HasSubstr("did not"));
}

TEST(Formulas, ATypesetterThatCannotBeStartedIsTriedOnce) {
    const ShellTypesetter program("exit 0\n", false);
    FormulaTypesetter typesetter(program.path());
    const auto formulas = numbered_formulas(1000);
    typesetter.prepare(formulas);
    EXPECT_THAT(typesetter.outage(), HasSubstr("cannot be started: Permission denied"));
    for (const Formula& formula : formulas)
        EXPECT_EQ(typesetter.find(formula).fault, typesetter.outage());
}

TEST(Formulas, AThousandAreTypesetInOneGo) {
    std::string body;
    for (int i = 0; i < 1000; ++i)
        body += "The term $x_{" + std::to_string(i) + "} = \\frac{a}{" + std::to_string(i) + "}$ holds.\n\n";
    OneLesson lesson(body);
    const auto begin = std::chrono::steady_clock::now();
    lesson.load();
    EXPECT_LT(std::chrono::steady_clock::now() - begin,
              std::chrono::seconds(8));  // one by one: 15 s and more
    EXPECT_THAT(lesson.problems, IsEmpty());
}

}  // namespace
}  // namespace calyptenora::platform
