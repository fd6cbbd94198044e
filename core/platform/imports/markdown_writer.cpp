#include "platform/imports/markdown_writer.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/courses/fences.hpp"
#include "platform/courses/formulas.hpp"
#include "platform/courses/markdown.hpp"
#include "platform/imports/plain_text.hpp"
#include "platform/imports/tidy_html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace calyptenora::platform {

namespace {

using Nodes = std::vector<HtmlNode>;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string escaped_html(std::string_view text) {
    std::string out;
    for (const char c : text)
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            // In pairs they would be a formula.
            case '$':
                out += "&#36;";
                break;
            case '\n':
            case '\r':
                out += "&#10;";
                break;
            default:
                out += c;
        }
    return out;
}

std::string start_tag(const HtmlNode& node) {
    std::string out = "<" + node.tag;
    for (const auto& [name, value] : node.attributes)
        out += value.empty() && name != "alt" ? " " + name
                                              : fmt::format(" {}=\"{}\"", name, escaped_html(value));
    return out + ">";
}

bool is_void(std::string_view tag) {
    return tag == "br" || tag == "hr" || tag == "img";
}

void write_html_text(const HtmlNode& node, bool in_pre, std::string& out) {
    if (node.is_text()) {
        out += escaped_html(node.text);
        return;
    }
    if (is_block_element(node.tag) && !out.empty() && !out.ends_with('\n'))
        out += '\n';
    out += start_tag(node);
    if (is_void(node.tag))
        return;
    const bool pre = in_pre || node.tag == "pre";
    bool lines = false;
    for (const HtmlNode& child : node.children) {
        write_html_text(child, pre, out);
        lines = lines || (is_block_element(child.tag) && !pre);
    }
    if (lines)
        out += '\n';
    out += "</" + node.tag + ">";
}

// How much of a block is written in Markdown's own signs.
enum class Style : unsigned char {
    markdown,
    html_emphasis,  ///< Where asterisks would touch letters, they mean themselves: `<strong>` is clear
                    ///< anywhere.
};

/// Thrown when a construct has no words in Markdown; caught where the block is then written as HTML.
struct NoMarkdown {};

class Writer {
  public:
    explicit Writer(Style style) : style_(style) {}

    std::string block(const HtmlNode& node) {
        if (node.tag == "p")
            return running(node.children, true);
        if (is_heading_element(node.tag))
            return heading(node);
        if (node.tag == "ul" || node.tag == "ol")
            return list(node, false);
        if (node.tag == "blockquote")
            return quotation(node);
        if (node.tag == "pre")
            return code_block(node);
        if (node.tag == "table")
            return table(node);
        if (node.tag == "hr")
            return "---";
        throw NoMarkdown();
    }

    std::string list(const HtmlNode& node, bool other_mark) {
        if (node.find("reversed"))
            throw NoMarkdown();
        const bool tight = std::ranges::all_of(node.children, [](const HtmlNode& item) {
            return item.children.front().tag == "p" &&
                   std::ranges::all_of(
                       item.children.begin() + 1, item.children.end(),
                       [](const HtmlNode& part) { return part.tag == "ul" || part.tag == "ol"; });
        });
        std::string out;
        const auto* start = node.find("start");
        long number = start ? std::stol(*start) : 1;
        for (const HtmlNode& item : node.children) {
            const std::string mark = node.tag == "ul"
                                         ? (other_mark ? "* " : "- ")
                                         : fmt::format("{}{} ", number++, other_mark ? ')' : '.');
            if (!out.empty())
                out += tight ? "\n" : "\n\n";
            out += mark + indented(blocks(item.children, tight ? "\n" : "\n\n"), mark.size());
        }
        return out;
    }

    std::string blocks(const Nodes& nodes, std::string_view between) {
        std::string out;
        bool other_mark = false;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const bool follows_list = i > 0 && nodes[i - 1].tag == nodes[i].tag;
            other_mark = follows_list && !other_mark;
            if (i > 0)
                out += between;
            out +=
                nodes[i].tag == "ul" || nodes[i].tag == "ol" ? list(nodes[i], other_mark) : block(nodes[i]);
        }
        return out;
    }

  private:
    static std::string indented(const std::string& text, std::size_t width) {
        std::string out;
        for (const char c : text) {
            if (c != '\n' && out.ends_with('\n'))
                out.append(width, ' ');
            out += c;
        }
        return out;
    }

    std::string heading(const HtmlNode& node) {
        if (!node.attributes.empty())
            throw NoMarkdown();
        std::string text = running(node.children, false);
        if (text.find('\n') != std::string::npos)
            throw NoMarkdown();
        // A closing sequence of "#" would be taken off.
        if (text.ends_with('#'))
            text.insert(text.size() - 1, "\\");
        return std::string(std::size_t(node.tag[1] - '0'), '#') + " " + text;
    }

    std::string quotation(const HtmlNode& node) {
        if (!node.attributes.empty())
            throw NoMarkdown();
        std::string out = "> ";
        for (const char c : blocks(node.children, "\n\n")) {
            out += c;
            if (c == '\n')
                out += "> ";
        }
        std::string trimmed_lines;
        for (std::size_t i = 0; i < out.size(); ++i)
            if (!(out[i] == ' ' && i + 1 < out.size() && out[i + 1] == '\n'))
                trimmed_lines += out[i];
        return trimmed_lines;
    }

    static std::string code_block(const HtmlNode& node) {
        const HtmlNode& code = node.children.front();
        std::string language;
        if (const auto* name = code.find("class"))
            language = name->substr(name->find('-') + 1);
        const std::string text = code.plain_text();
        std::size_t longest = 2;
        std::size_t run = 0;
        for (const char c : text) {
            run = c == '`' ? run + 1 : 0;
            longest = std::max(longest, run);
        }
        const std::string fence(longest + 1, '`');
        return fence + language + "\n" + text + fence;
    }

    std::string table(const HtmlNode& node) {
        // A caption, a head of several rows, merged cells and blocks in cells are beyond Markdown.
        if (node.children.front().tag != "thead" || node.children.front().children.size() != 1)
            throw NoMarkdown();
        std::string out;
        const auto columns = node.children.front().children.front().children.size();
        for (const HtmlNode& section : node.children)
            for (const HtmlNode& row : section.children) {
                if (row.children.size() != columns)
                    throw NoMarkdown();
                out += out.empty() ? "|" : "\n|";
                for (const HtmlNode& cell : row.children)
                    out += fmt::format(" {} |", cell_text(cell));
                if (section.tag == "thead") {
                    out += "\n|";
                    for (const HtmlNode& cell : row.children)
                        out += rule(cell);
                }
            }
        return out;
    }

    std::string cell_text(const HtmlNode& cell) {
        for (const auto& [name, value] : cell.attributes)
            if (name != "align")
                throw NoMarkdown();
        if (std::ranges::any_of(cell.children, [](auto& child) { return is_block_element(child.tag); }))
            throw NoMarkdown();
        in_cell_ = true;
        const std::string text = running(cell.children, false);
        in_cell_ = false;
        return text;
    }

    static const char* rule(const HtmlNode& cell) {
        const auto* align = cell.find("align");
        return !align ? " --- |" : *align == "right" ? " ---: |" : *align == "left" ? " :--- |" : " :---: |";
    }

    std::string running(const Nodes& nodes, bool at_line_start) {
        std::string out;
        running(nodes, out, at_line_start);
        return out;
    }

    void running(const Nodes& nodes, std::string& out, bool at_line_start) {
        for (const HtmlNode& node : nodes) {
            const bool begins = at_line_start && (out.empty() || out.ends_with('\n'));
            if (node.is_text())
                text(node.text, begins, out);
            else
                inline_element(node, out);
        }
    }

    void inline_element(const HtmlNode& node, std::string& out) {
        if (node.tag == "br")
            out += in_cell_ ? "<br>" : "\\\n";
        else if (node.tag == "strong")
            enclosed(node, style_ == Style::markdown ? "**" : "", out);
        else if (node.tag == "em")
            enclosed(node, style_ == Style::markdown ? "*" : "", out);
        else if (node.tag == "del")
            enclosed(node, style_ == Style::markdown ? "~~" : "", out);
        else if (const auto found = find_formula_in(node))
            formula(node, *found, out);
        else if (node.tag == "code")
            out += code_span(node.plain_text());
        else if (node.tag == "a")
            link(node, out);
        else if (node.tag == "img")
            out +=
                fmt::format("![{}]({}{})", label(*node.find("alt")), target(*node.find("src")), title(node));
        else
            enclosed(node, "", out);
    }

    void formula(const HtmlNode& node, const Formula& found, std::string& out) {
        // Where dollars would touch letters, they mean themselves.
        if (style_ == Style::html_emphasis)
            return enclosed(node, "", out);
        const char* dollars = found.place == FormulaPlace::displayed ? "$$" : "$";
        out += dollars + found.source + dollars;
    }

    void enclosed(const HtmlNode& node, std::string_view mark, std::string& out) {
        out += mark.empty() ? start_tag(node) : std::string(mark);
        running(node.children, out, false);
        out += mark.empty() ? "</" + node.tag + ">" : std::string(mark);
    }

    void link(const HtmlNode& node, std::string& out) {
        const std::string& href = *node.find("href");
        if (node.children.size() == 1 && node.children.front().text == href && !node.find("title") &&
            (href.starts_with("http://") || href.starts_with("https://")) &&
            href.find_first_of(" <>\\\"") == std::string::npos) {
            out += "<" + href + ">";
            return;
        }
        // Behind an exclamation mark it would be a picture.
        if (out.ends_with('!'))
            out.insert(out.size() - 1, "\\");
        out += '[';
        running(node.children, out, false);
        out += fmt::format("]({}{})", target(href), title(node));
    }

    std::string label(std::string_view plain) const {
        std::string out;
        text(plain, false, out);
        return out;
    }

    std::string title(const HtmlNode& node) {
        const auto* found = node.find("title");
        if (!found)
            return {};
        in_title_ = true;
        const std::string text = label(*found);
        in_title_ = false;
        return fmt::format(" \"{}\"", text);
    }

    std::string target(std::string_view address) const {
        std::string out;
        for (std::size_t i = 0; i < address.size(); ++i) {
            const char c = address[i];
            if (c == '&' && may_be_entity(address.substr(i)))
                out += "&amp;";
            else if (static_cast<unsigned char>(c) <= ' ' ||
                     std::string_view("<>()\\\"|`").find(c) != std::string_view::npos)
                out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
            else
                out += c;
        }
        return out;
    }

    std::string code_span(const std::string& code) const {
        std::size_t longest = 0;
        std::size_t run = 0;
        for (const char c : code) {
            run = c == '`' ? run + 1 : 0;
            longest = std::max(longest, run);
        }
        const std::string mark(longest + 1, '`');
        const std::string room = code.starts_with('`') || code.ends_with('`') ? " " : "";
        std::string inside;
        for (const char c : code)
            inside += in_cell_ && c == '|' ? "\\|" : std::string(1, c);
        return mark + room + inside + room + mark;
    }

    static bool may_be_entity(std::string_view text) {
        return text.size() > 1 && (text[1] == '#' || is_alphanumeric(text[1])) &&
               text.substr(0, 40).find(';') != std::string_view::npos;
    }

    // A sign that Markdown would read is written with a backslash.
    void text(std::string_view plain, bool at_line_start, std::string& out) const {
        for (std::size_t i = 0; i < plain.size(); ++i) {
            const char c = plain[i];
            const char before = i > 0 ? plain[i - 1] : out.empty() ? ' ' : out.back();
            const char after = i + 1 < plain.size() ? plain[i + 1] : ' ';
            if (needs_escape(plain, i, before, after) || (at_line_start && begins_block(plain, i)))
                out += '\\';
            out += c;
        }
    }

    bool needs_escape(std::string_view plain, std::size_t i, char before, char after) const {
        switch (plain[i]) {
            case '\\':
            case '`':
            case '*':
            case '[':
            case ']':
            case '<':
            case '~':
                return true;
            // Else it could begin a formula.
            case '$':
                return !is_alphanumeric(before) && after != ' ';
            case '_':
                return !is_alphanumeric(before) || !is_alphanumeric(after);
            case '&':
                return may_be_entity(plain.substr(i));
            case '|':
                return in_cell_;
            case '"':
                return in_title_;
            // Else addresses become links.
            case ':':
                return plain.substr(i).starts_with("://");
            case '@':
                return is_alphanumeric(before) && is_alphanumeric(after);
            case '.':
                return i >= 3 && plain.substr(i - 3, 3) == "www";
            default:
                return false;
        }
    }

    // What at the beginning of a line makes a heading, a list, a quotation, a rule or a box.
    static bool begins_block(std::string_view plain, std::size_t i) {
        const char c = plain[i];
        if (i == 0)
            return c == '#' || c == '>' || c == '+' || c == '-' || c == '=' || plain.starts_with(":::");
        return (c == '.' || c == ')') && i <= 9 && std::ranges::all_of(plain.substr(0, i), is_digit);
    }

    Style style_;
    bool in_cell_ = false;
    bool in_title_ = false;
};

// Addresses are compared by what they mean: Markdown percent-encodes where the author did not.
Nodes comparable(Nodes nodes) {
    for (HtmlNode& node : nodes) {
        for (auto& [name, value] : node.attributes)
            if (name == "href" || name == "src")
                value = find_percent_decoded(value).value_or(value);
        std::ranges::sort(node.attributes);
        node.children = comparable(std::move(node.children));
    }
    return nodes;
}

// A fence behind a list's mark opens a code block for Markdown, but not for those who look for boxes.
bool leaves_code_open(const std::string& markdown) {
    CodeFenceTracker code;
    std::istringstream lines(markdown);
    for (std::string line; std::getline(lines, line);)
        code.is_code(line);
    return code.is_open();
}

bool reads_back(const std::string& markdown, const Nodes& expected) {
    if (leaves_code_open(markdown))
        return false;
    Problems problems;
    const auto fences = parse_fences(markdown, {}, 1, problems);
    if (!problems.empty() || fences.size() != 1 || !fences.front().is_text() ||
        !find_link_definitions(markdown).empty())
        return false;
    return comparable(tidy_html(parse_markdown(markdown).nodes)) == comparable(expected);
}

}  // namespace

WrittenMarkdown write_markdown(const std::vector<HtmlNode>& tidy) {
    WrittenMarkdown written;
    bool other_mark = false;
    for (std::size_t i = 0; i < tidy.size(); ++i) {
        const HtmlNode& node = tidy[i];
        const bool is_list = node.tag == "ul" || node.tag == "ol";
        other_mark = is_list && i > 0 && tidy[i - 1].tag == node.tag && !other_mark;
        std::optional<std::string> block;
        for (const Style style : {Style::markdown, Style::html_emphasis}) {
            try {
                Writer writer(style);
                std::string text = is_list ? writer.list(node, other_mark) : writer.block(node);
                if (reads_back(text, {node})) {
                    block = std::move(text);
                    break;
                }
            } catch (const NoMarkdown&) {
                break;
            }
        }
        if (!block) {
            ++written.html_blocks;
            block.emplace();
            // md4c knows <h1> as the beginning of a block of HTML, but not the others.
            const bool wrapped = is_heading_element(node.tag);
            write_html_text(wrapped ? make_element("div", {node}) : node, false, *block);
        }
        written.text += (written.text.empty() ? "" : "\n") + *block + "\n";
    }
    return written;
}

}  // namespace calyptenora::platform
