#include "platform/imports/markdown_writer.hpp"

#include "platform/courses/fences.hpp"
#include "platform/courses/markdown.hpp"
#include "platform/imports/tidy_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace calyptenora::platform {
namespace {

std::string markdown(std::string_view html) {
    return write_markdown(tidy_html(parse_allowed_html(html).nodes)).text;
}

TEST(MarkdownWriter, WritesWhatAnAuthorWouldWrite) {
    const std::pair<const char*, const char*> cases[] = {
        {"<p>a <b>b</b> <i>c</i> <s>d</s> <code>e</code></p>", "a **b** *c* ~~d~~ `e`\n"},
        {"a<div>b</div>c", "a\n\nb\n\nc\n"},
        {"<h1>A</h1><h3><b>B</b></h3><h2></h2>", "## A\n\n### B\n"},
        {"<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n"},
        {"<ul><ul><li>a</li></ul></ul>", "- a\n"},
        {"<ol start=3><li><p>a</p><p>b</p></li><li>c</li></ol>", "3. a\n\n   b\n\n4. c\n"},
        {"<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b\n"},
        {"<p>a<br>b<br><br>c</p>", "a\\\nb\n\nc\n"},
        {"<p><b>a </b>b <b></b>c</p>", "**a** b c\n"},
        {"<p>x<b>y</b>z \"<b>q!</b>\"r</p>", "x**y**z \"**q!**\"r\n"},
        {"<p>x<b>y!</b>z</p>", "x<strong>y!</strong>z\n"},
        {"<p>&nbsp;</p><p>a&nbsp;b &nbsp; c</p>",
         "a\xc2\xa0"
         "b c\n"},
        {"<pre>a\n  b```\n</pre>", "````\na\n  b```\n````\n"},
        {"<pre><code class='language-c'>x</code></pre>", "```c\nx\n```\n"},
        {"<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b\n"},
        {"<p><a href='https://a.example/?b=1&amp;c=2'>x</a> <a "
         "href='https://a.example/'>https://a.example/</a></p>",
         "[x](https://a.example/?b=1&c=2) <https://a.example/>\n"},
        {"<figure><img src=a.png alt=b><figcaption>c \"d\"</figcaption></figure>",
         "![b](a.png \"c \\\"d\\\"\")\n"},
        {"<table><tr><th align=right>a</th></tr><tr><td align=right>b|c<br>d</td></tr></table>",
         "| a |\n| ---: |\n| b\\|c<br>d |\n"},
        {"<table><tr><td><p>only</p></td></tr></table>", "only\n"},
        {"<p>H<sub>2</sub>O snake_case 3*4 _x_</p>", "H<sub>2</sub>O snake_case 3\\*4 \\_x\\_\n"},
        {"<dl><dt>a</dt><dd>b</dd></dl>", "<dl>\n<dt>a</dt>\n<dd>b</dd>\n</dl>\n"},
        {"<hr>", "---\n"},
        {"<p>a <code class=language-math>x_1*y*z</code> $5 $x$ 5$</p>", "a $x_1*y*z$ \\$5 \\$x$ 5$\n"},
        {"<p>n<code class=language-math>x</code></p>", "n<code class=\"language-math\">x</code>\n"},
        {"<p><code class=language-displaymath>x</code></p>", "$$x$$\n"},
        {"<p id=x>a</p><h2 id=y>b</h2>", "<span id=\"x\"></span>a\n\n## <span id=\"y\"></span>b\n"},
    };
    for (const auto& [html, expected] : cases)
        EXPECT_EQ(markdown(html), expected) << html;
}

HtmlNode random_inline(std::mt19937& random, int depth);

std::string random_text(std::mt19937& random) {
    static const char* const pieces[] = {"word",
                                         " ",
                                         "*",
                                         "$",
                                         "$x$",
                                         "_",
                                         "`",
                                         "[",
                                         "]",
                                         "(",
                                         ")",
                                         "<b>",
                                         "&amp;",
                                         "&",
                                         "#",
                                         "-",
                                         "+",
                                         "1.",
                                         ">",
                                         "|",
                                         "~",
                                         "\\",
                                         "!",
                                         "http://a.example/x_y",
                                         "www.a.example",
                                         "a@b.example",
                                         ":::",
                                         "\"",
                                         "'",
                                         "=",
                                         "é",
                                         "\xc2\xa0",
                                         "```",
                                         "{",
                                         "}",
                                         "\n"};
    std::string text;
    for (unsigned i = 0; i < 1 + random() % 4; ++i)
        text += pieces[random() % std::size(pieces)];
    return text;
}

HtmlNode random_block(std::mt19937& random, int depth) {
    static const char* const tags[] = {"p",   "ul",    "ol",  "blockquote", "h2", "h3",
                                       "pre", "table", "div", "dl",         "hr", "details"};
    HtmlNode node = make_element(tags[random() % (depth > 3 ? 1 : std::size(tags))]);
    const auto fill = [&](HtmlNode& to) {
        for (unsigned i = 0; i < 1 + random() % 3; ++i)
            to.children.push_back(random() % 4 == 0 && depth < 3 ? random_block(random, depth + 1)
                                                                 : random_inline(random, 0));
    };
    if (node.tag == "ul" || node.tag == "ol") {
        for (unsigned i = 0; i < 1 + random() % 3; ++i)
            fill(node.children.emplace_back(make_element("li")));
    } else if (node.tag == "table") {
        for (unsigned row = 0; row < 1 + random() % 3; ++row) {
            HtmlNode cells = make_element("tr");
            for (unsigned i = 0; i < 2; ++i)
                fill(cells.children.emplace_back(make_element(row == 0 && random() % 2 ? "th" : "td")));
            node.children.push_back(make_element("tbody", {std::move(cells)}));
        }
    } else if (node.tag == "dl") {
        fill(node.children.emplace_back(make_element("dt")));
        fill(node.children.emplace_back(make_element("dd")));
    } else if (node.tag == "pre") {
        node.children.push_back(make_text_node(random_text(random) + "\n\n" + random_text(random)));
    } else if (node.tag != "hr") {
        fill(node);
    }
    if (random() % 8 == 0)
        node.set("id", "id" + std::to_string(random() % 9));
    return node;
}

HtmlNode random_inline(std::mt19937& random, int depth) {
    static const char* const tags[] = {"strong", "em",  "b",   "i",  "a",  "code",
                                       "span",   "sub", "del", "br", "img"};
    if (depth > 3 || random() % 2)
        return make_text_node(random_text(random));
    HtmlNode node = make_element(tags[random() % std::size(tags)]);
    if (node.tag == "a")
        node.set("href", random() % 2 ? "b%20c.md" : "https://a.example/x?a&amp=_b_*c*");
    if (node.tag == "img") {
        node.set("src", "a-b.png");
        node.set("alt", random_text(random));
        return node;
    }
    if (node.tag != "br")
        for (unsigned i = 0; i < random() % 3; ++i)
            node.children.push_back(random_inline(random, depth + 1));
    return node;
}

// Whatever the tree: what was written is read as the very same tree, block by block and as a whole.
TEST(MarkdownWriter, IsReadBackAsItWas) {
    std::mt19937 random(20'261'128);
    int html_blocks = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<HtmlNode> nodes;
        for (unsigned i = 0; i < 1 + random() % 4; ++i)
            nodes.push_back(random_block(random, 0));
        const auto tidy = tidy_html(nodes);
        ASSERT_EQ(tidy_html(tidy), tidy) << write_html(nodes).str();
        const WrittenMarkdown written = write_markdown(tidy);
        html_blocks += written.html_blocks;
        Problems problems;
        for (const FencedNode& fence : parse_fences(written.text, {}, 1, problems))
            EXPECT_TRUE(fence.is_text()) << written.text;
        ASSERT_TRUE(problems.empty()) << written.text;
        const auto again = tidy_html(parse_markdown(written.text).nodes);
        const auto expected = tidy_html(parse_allowed_html(write_html(tidy).str()).nodes);
        ASSERT_EQ(again.size(), expected.size()) << written.text;
        for (std::size_t i = 0; i < again.size(); ++i)
            ASSERT_EQ(write_html({again[i]}).str(), write_html({expected[i]}).str())
                << written.text << "\n"
                << write_html({tidy[i]}).str();
    }
    EXPECT_GT(html_blocks, 100);
}

}  // namespace
}  // namespace calyptenora::platform
