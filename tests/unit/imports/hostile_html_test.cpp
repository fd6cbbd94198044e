// HTML that wants to act, through the whole import: cartridge, lesson file, page.
#include "cartridge_fixture.hpp"
#include "html_dangers.hpp"
#include "platform/imports/svg_file.hpp"
#include "strict_html.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <md4c-html.h>

namespace calyptenora::platform {
namespace {

using testing::HasSubstr;

struct Vector {
    std::string name;
    std::string html;
};

std::vector<Vector> load_vectors() {
    std::ifstream file(CALYPTENORA_SOURCE_DIR "/tests/unit/imports/fixtures/xss_vectors.txt");
    std::vector<Vector> all;
    std::string line;
    std::string group;
    while (std::getline(file, line)) {
        if (line.starts_with("# ")) {
            group = line.substr(2);
            continue;
        }
        std::string html;
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (line[i] != '\\' || i + 1 == line.size()) {
                html += line[i];
                continue;
            }
            switch (line[++i]) {
                case 'n':
                    html += '\n';
                    break;
                case 't':
                    html += '\t';
                    break;
                case 'x':
                    html += char(std::stoi(line.substr(i + 1, 2), nullptr, 16));
                    i += 2;
                    break;
                default:
                    html += line[i];
            }
        }
        all.push_back({fmt::format("{} {:03}", group, all.size() + 1), html});
    }
    return all;
}

std::vector<std::string> dangers_of(const std::string& html, test::Markup markup = test::Markup::renderers) {
    auto found = test::find_dangers(html, markup);
    if (const auto fault = test::StrictHtml(html).fault(); !fault.empty())
        found.push_back(fault);
    return found;
}

TEST(HostileHtml, NothingExecutableIsLeftInAnyLesson) {
    const auto vectors = load_vectors();
    ASSERT_GE(vectors.size(), 150u);
    test::CartridgeFixture cartridge;
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        cartridge.add(fmt::format("wiki_content/p{:03}.html", i),
                      "<p>first</p>" + vectors[i].html + "<p>last</p>", vectors[i].name);
        cartridge.add(fmt::format("t{:03}.xml", i),
                      "<topic><title>t</title><text texttype='text/html'>" +
                          test::escaped_xml(vectors[i].html) + "</text></topic>",
                      "topic " + vectors[i].name, "imsdt_xmlv1p1");
    }
    const auto result = cartridge.import();
    ASSERT_TRUE(result) << result.error().message;
    for (const Vector& vector : vectors)
        for (const std::string& title : {vector.name, "topic " + vector.name}) {
            const Lesson* lesson = cartridge.lesson(title);
            ASSERT_NE(lesson, nullptr) << title;
            const std::string html = cartridge.html(*lesson);
            const auto found = dangers_of(html);
            EXPECT_TRUE(found.empty()) << title << ": " << vector.html << "\n"
                                       << html << "\n"
                                       << found.front();
            EXPECT_EQ(html.find("evil.example/a.png\" alt"), std::string::npos) << title;
        }
    EXPECT_THAT(cartridge.html(vectors.front().name), HasSubstr("<p>first</p>"));
}

// The control: with the allow-list out of the way, the same check sees every one of them.
TEST(HostileHtml, EveryVectorIsSeenWithoutTheAllowList) {
    for (const Vector& vector : load_vectors())
        EXPECT_FALSE(dangers_of("<p>first</p>" + vector.html + "<p>last</p>", test::Markup::authors).empty())
            << vector.html;
}

// Text that is harmless in HTML and would be something else in Markdown.
const char* const smuggled[] = {
    "[x](javascript:alert(1))",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "![x](https://evil.example/a.png)",
    "&lt;javascript:alert(1)&gt;",
    "&lt;https://evil.example/&gt;",
    "https://evil.example/",
    "www.evil.example",
    "who@evil.example",
    "[x]: javascript:alert(1)",
    "::: video",
    "::: challenge",
    "```html",
    "~~~",
    "# heading",
    "- item",
    "1. item",
    "&gt; quotation",
    "***",
    "a | b",
    "\\&lt;b&gt;",
    "`code`",
    "**strong** _em_ ~~del~~",
    "&amp;amp; &amp;#60;b&amp;#62;",
    "---",
    "===",
    "[ ] task",
    "&lt;!-- comment",
    "&lt;![CDATA[",
};

std::string as_markdown(const std::string& text) {
    std::string html;
    md_html(
        text.data(), MD_SIZE(text.size()),
        [](const MD_CHAR* piece, MD_SIZE size, void* to) {
            static_cast<std::string*>(to)->append(piece, size);
        },
        &html, MD_DIALECT_GITHUB, 0);
    return html;
}

TEST(HostileHtml, TextStaysTextInMarkdown) {
    test::CartridgeFixture cartridge;
    int number = 0;
    for (const char* text : smuggled)
        cartridge.add(
            fmt::format("p{}.html", ++number),
            fmt::format(
                "<p>{0}</p><ul><li>{0}</li></ul><p>{0}<br>{0}</p><table><tr><th>{0}</th></tr><tr><td>{0}"
                "</td></tr></table><blockquote><p>{0}</p></blockquote><p><b>{0}</b></p>",
                text),
            fmt::format("Text {}", number));
    const auto result = cartridge.import();
    ASSERT_TRUE(result) << result.error().message;
    number = 0;
    for (const char* text : smuggled) {
        const std::string html = cartridge.html(fmt::format("Text {}", ++number));
        // As HTML the text is written in another spelling only where quotes or entities are concerned.
        std::string expected = text;
        EXPECT_EQ(
            html,
            fmt::format(
                "<p>{0}</p>\n<ul>\n<li>{0}</li>\n</ul>\n<p>{0}<br>\n{0}</p>\n<div "
                "class=\"table-scroll\" tabindex=\"0\"><table>\n<thead>\n<tr>\n<th "
                "scope=\"col\">{0}</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>{0}</td>\n</tr>\n</tbody>\n"
                "</table></div>\n<blockquote>\n<p>{0}</p>\n</blockquote>\n<p><strong>{0}</strong></p>\n",
                expected))
            << text;
    }
}

TEST(HostileHtml, TheSameTextWrittenAsItIsWouldBeMarkup) {
    for (const char* text : smuggled) {
        std::string decoded = text;
        for (const auto& [entity, c] : {std::pair{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}})
            for (auto at = decoded.find(entity); at != std::string::npos; at = decoded.find(entity, at + 1))
                decoded.replace(at, std::string(entity).size(), 1, c);
        if (decoded.starts_with(":::") || decoded.starts_with("a |") || decoded.starts_with("<![CDATA["))
            continue;
        const std::string html = as_markdown((decoded == "==="             ? "x\n"
                                              : decoded.starts_with("[ ]") ? "- "
                                                                           : "") +
                                             decoded);
        EXPECT_NE(html, fmt::format("<p>{}</p>\n", text)) << text;
    }
}

TEST(HostileHtml, DrawingsThatActStayBehind) {
    const test::TemporaryFolder folder;
    const auto danger = [&](const std::string& inside) {
        folder.write("a.svg",
                     "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' "
                     "xmlns:xlink='http://www.w3.org/1999/xlink' width='9' height='9'>" +
                         inside + "</svg>");
        return find_danger_in_svg(folder.path() / "a.svg");
    };
    for (const char* harmless :
         {"<rect width='9' height='9' style='fill:url(#g)'/>", "<a xlink:href='#x'><text>x</text></a>",
          "<use href='#x'/>", "<style>rect { fill: red }</style>",
          "<image href='data:image/png;base64,AAAA'/>"})
        EXPECT_FALSE(danger(harmless)) << harmless << ": " << *danger(harmless);
    for (const char* acting :
         {"<script>alert(1)</script>", "<script href='https://evil.example/'/>",
          "<x:script xmlns:x='http://www.w3.org/2000/svg'/>", "<rect onclick='alert(1)'/>",
          "<rect ONLOAD='alert(1)'/>", "<a xlink:href='javascript:alert(1)'/>",
          "<a href='https://evil.example/'/>", "<foreignObject><iframe/></foreignObject>",
          "<image href='https://evil.example/a.png'/>", "<image href='data:image/svg+xml,x'/>",
          "<use href='//evil.example/#x'/>", "<style>@import 'https://evil.example/'</style>",
          "<style>rect{fill:url(https://evil.example/)}</style>",
          "<style>rect{fill:u\\72l(https://evil.example/)}</style>",
          "<rect fill=\"url('https://evil.example/#x')\"/>",
          "<set attributeName='href' to='javascript:alert(1)'/>",
          "<animate attributeName='href' values='javascript:x'/>"})
        EXPECT_TRUE(danger(acting)) << acting;
    folder.write("a.svg", "<!DOCTYPE svg [<!ENTITY e '<script>alert(1)</script>'>]><svg xmlns='x'>&e;</svg>");
    EXPECT_TRUE(find_danger_in_svg(folder.path() / "a.svg"));
    folder.write("a.svg", "<?xml-stylesheet href='https://evil.example/'?><svg xmlns='x'/>");
    EXPECT_TRUE(find_danger_in_svg(folder.path() / "a.svg"));
    folder.write("a.svg", "<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>");
    EXPECT_TRUE(find_danger_in_svg(folder.path() / "a.svg"));
}

}  // namespace
}  // namespace calyptenora::platform
