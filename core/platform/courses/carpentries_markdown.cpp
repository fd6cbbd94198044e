#include "platform/courses/carpentries_markdown.hpp"

#include "platform/courses/fences.hpp"
#include "platform/courses/labels.hpp"
#include "platform/courses/pandoc_attributes.hpp"
#include "platform/courses/safe_html.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::platform {

namespace {

bool is_blank(std::string_view text) {
    constexpr std::string_view no_break_space = "\u00a0";
    while (!text.empty()) {
        if (text.starts_with(no_break_space))
            text.remove_prefix(no_break_space.size());
        else if (std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos)
            text.remove_prefix(1);
        else
            return false;
    }
    return true;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string line(text.substr(0, end));
        if (line.ends_with('\r'))
            line.pop_back();
        lines.push_back(std::move(line));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string escaped_for_markdown(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (std::string_view("\\`*_[]<>&~|!").find(c) != std::string_view::npos)
            escaped += '\\';
        escaped += c == '\n' ? ' ' : c;
    }
    return escaped;
}

std::string escaped_for_html(std::string_view text) {
    return SafeHtml().text(text).str();
}

// The end of a balanced `[...]` or `(...)` that begins at `at`, or npos.
std::size_t find_closing(std::string_view text, std::size_t at, char open, char close) {
    int depth = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == open)
            ++depth;
        else if (text[i] == close && --depth == 0)
            return i;
        else if (text[i] == '\n' && i + 1 < text.size() && text[i + 1] == '\n')
            return std::string_view::npos;
    }
    return std::string_view::npos;
}

struct Destination {
    std::string target;
    /// With its quotes, or empty.
    std::string title;
};

Destination make_destination(std::string_view inside) {
    const auto first = inside.find_first_not_of(" \n");
    if (first == std::string_view::npos)
        return {};
    inside.remove_prefix(first);
    const bool angled = inside.front() == '<';
    const auto end = angled ? inside.find('>') : inside.find_first_of(" \n");
    Destination found{std::string(inside.substr(
                          angled ? 1 : 0, end == std::string_view::npos ? end : end - (angled ? 1 : 0))),
                      {}};
    const auto title = end == std::string_view::npos ? end : inside.find_first_of("\"'", end);
    if (title != std::string_view::npos) {
        const auto title_end = inside.rfind(inside[title]);
        if (title_end > title)
            found.title = inside.substr(title + 1, title_end - title - 1);
    }
    return found;
}

/// Rewrites running text, which may span lines; inline code is left alone.
class TextConverter {
  public:
    TextConverter(std::string_view text, int line, CarpentriesPaths& paths)
        : text_(text), line_(line), paths_(paths) {}

    std::string run() {
        while (at_ < text_.size())
            step();
        return std::move(out_);
    }

    int dropped_liquid() const { return dropped_liquid_; }
    int dropped_attributes() const { return dropped_attributes_; }

  private:
    void step() {
        const std::string_view rest = text_.substr(at_);
        if (rest.front() == '\\' && rest.size() > 1)
            return copy(2);
        if (rest.front() == '`')
            return inline_code(rest);
        if (rest.starts_with("{{") || rest.starts_with("{%"))
            return liquid(rest);
        if (rest.starts_with("!["))
            return bracket(rest, 1);
        if (rest.front() == '[')
            return bracket(rest, 0);
        if (rest.starts_with("<img ") || rest.starts_with("<a "))
            return html_tag(rest);
        copy(1);
    }

    void copy(std::size_t count) {
        const std::string_view part = text_.substr(at_, count);
        line_ += int(std::count(part.begin(), part.end(), '\n'));
        out_ += part;
        at_ += part.size();
    }

    void skip(std::size_t count) {
        const std::string_view part = text_.substr(at_, count);
        line_ += int(std::count(part.begin(), part.end(), '\n'));
        at_ += part.size();
    }

    void inline_code(std::string_view rest) {
        const auto length = std::min(rest.find_first_not_of('`'), rest.size());
        const std::string mark(length, '`');
        for (auto end = rest.find(mark, length); end != std::string_view::npos; end = rest.find(mark, end)) {
            const auto run = std::min(rest.find_first_not_of('`', end), rest.size()) - end;
            if (run == length)
                return copy(end + length);
            end += run;
        }
        copy(length);
    }

    void liquid(std::string_view rest) {
        const auto end = rest.find(rest[1] == '{' ? "}}" : "%}");
        if (end == std::string_view::npos || rest.substr(0, end).find('\n') != std::string_view::npos)
            return copy(2);
        ++dropped_liquid_;
        skip(end + 2);
        // `{{ page.root }}/x` meant the root of the site.
        if (out_.ends_with('(') && at_ < text_.size() && text_[at_] == '/')
            skip(1);
    }

    // A link, picture, span with attributes, or plain brackets.
    void bracket(std::string_view rest, std::size_t picture) {
        const auto label_end = find_closing(rest, picture, '[', ']');
        if (label_end == std::string_view::npos)
            return copy(1 + picture);
        const std::string_view label = rest.substr(picture + 1, label_end - picture - 1);
        const std::size_t next = label_end + 1;
        if (rest.substr(next).starts_with(": ") && picture == 0 && (out_.empty() || out_.back() == '\n'))
            return definition(label, rest, next + 2);
        if (next < rest.size() && rest[next] == '(') {
            const auto end = find_closing(rest, next, '(', ')');
            if (end != std::string_view::npos)
                return linked(rest, label, rest.substr(next + 1, end - next - 1), end + 1, picture == 1);
        } else if (next < rest.size() && rest[next] == '{' && picture == 0) {
            if (const auto attributes = parse_pandoc_attributes(rest.substr(next)))
                return span(label, *attributes, next);
        }
        copy(1 + picture);
    }

    void linked(std::string_view rest, std::string_view label, std::string_view inside, std::size_t length,
                bool picture) {
        std::optional<ParsedPandocAttributes> attributes;
        if (length < rest.size() && rest[length] == '{')
            attributes = parse_pandoc_attributes(rest.substr(length));
        const std::string no_liquid = TextConverter(inside, line_, paths_).without_liquid(dropped_liquid_);
        const Destination destination = make_destination(no_liquid);
        const int line = line_;
        if (picture)
            write_picture(label, destination, attributes, line);
        else
            write_link(label, destination, line);
        if (attributes &&
            (!picture || attributes->attributes.values.size() > attributes->attributes.values.count("alt") ||
             !attributes->attributes.classes.empty()))
            ++dropped_attributes_;
        skip(length + (attributes ? attributes->length : 0));
    }

    // `[label]: target "title"`
    void definition(std::string_view label, std::string_view rest, std::size_t begin) {
        const auto end = std::min(rest.find('\n', begin), rest.size());
        const Destination destination = make_destination(rest.substr(begin, end - begin));
        const std::string target = paths_.link(destination.target, line_);
        if (!target.empty())
            out_ += fmt::format("[{}]: <{}>{}", label, target,
                                destination.title.empty() ? "" : " \"" + destination.title + "\"");
        skip(end);
    }

    std::string without_liquid(int& dropped) {
        while (at_ < text_.size()) {
            const std::string_view rest = text_.substr(at_);
            const bool mark = rest.starts_with("{{") || rest.starts_with("{%");
            const auto end = mark ? rest.find(rest[1] == '{' ? "}}" : "%}") : std::string_view::npos;
            if (end == std::string_view::npos) {
                copy(1);
                continue;
            }
            ++dropped;
            skip(end + 2);
            if (out_.empty() && at_ < text_.size() && text_[at_] == '/')
                skip(1);
        }
        return std::move(out_);
    }

    void write_picture(std::string_view label, const Destination& destination,
                       const std::optional<ParsedPandocAttributes>& attributes, int line) {
        std::string alt(label);
        std::string caption = destination.title;
        if (attributes && attributes->attributes.values.contains("alt")) {
            alt = escaped_for_markdown(attributes->attributes.values.at("alt"));
            if (caption.empty())
                caption = label;
        }
        std::replace(alt.begin(), alt.end(), '\n', ' ');
        const std::string path = paths_.picture(destination.target, line);
        if (path.empty()) {
            out_ += fmt::format("*{}*", alt.empty() ? destination.target : alt);
            return;
        }
        std::replace(caption.begin(), caption.end(), '"', '\'');
        out_ += fmt::format("![{}](<{}>{})", alt, path, caption.empty() ? "" : " \"" + caption + "\"");
    }

    void write_link(std::string_view label, const Destination& destination, int line) {
        const std::string text = TextConverter(label, line, paths_).run();
        const std::string target = paths_.link(destination.target, line);
        if (target.empty())
            out_ += text;
        else
            out_ += fmt::format("[{}](<{}>{})", text, target,
                                destination.title.empty() ? "" : " \"" + destination.title + "\"");
    }

    void span(std::string_view label, const ParsedPandocAttributes& attributes, std::size_t next) {
        const std::string text = TextConverter(label, line_, paths_).run();
        if (attributes.attributes.id.empty()) {
            out_ += text;
            ++dropped_attributes_;
        } else {
            out_ +=
                fmt::format("<span id=\"{}\">{}</span>", escaped_for_html(attributes.attributes.id), text);
        }
        skip(next + attributes.length);
    }

    void html_tag(std::string_view rest) {
        const auto end = rest.find('>');
        if (end == std::string_view::npos)
            return copy(1);
        const bool picture = rest.starts_with("<img");
        const std::string_view tag = rest.substr(0, end);
        const std::string key = picture ? "src=" : "href=";
        const auto at = tag.find(key);
        const auto open = at == std::string_view::npos ? at : at + key.size();
        if (open == std::string_view::npos || open >= tag.size() || (tag[open] != '"' && tag[open] != '\''))
            return copy(1);
        const auto close = tag.find(tag[open], open + 1);
        if (close == std::string_view::npos)
            return copy(1);
        const std::string target(tag.substr(open + 1, close - open - 1));
        const std::string moved = picture ? paths_.picture(target, line_) : paths_.link(target, line_);
        copy(open + 1);
        skip(target.size());
        out_ += escaped_for_html(moved);
        copy(1);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_;
    CarpentriesPaths& paths_;
    std::string out_;
    int dropped_liquid_ = 0;
    int dropped_attributes_ = 0;
};

class PageConverter {
  public:
    PageConverter(std::string_view markdown, const std::filesystem::path& file, int first_line,
                  CarpentriesPaths& paths, ImportReport& report)
        : lines_(lines_of(markdown)), file_(file), line_(first_line), paths_(paths), report_(report) {}

    std::string run() {
        CodeFenceTracker code;
        bool in_code = false;
        for (std::size_t i = 0; i < lines_.size(); ++i, ++line_) {
            const bool is_code = code.is_code(lines_[i]);
            if (is_code) {
                if (!in_code) {
                    flush();
                    last_fence_ = out_.size();
                    open_code(lines_[i]);
                } else {
                    out_ += lines_[i] + "\n";
                }
                in_code = code.is_open();
                continue;
            }
            text_line(lines_[i]);
        }
        flush();
        return std::move(out_);
    }

  private:
    // "```source", "```{python, echo=FALSE}" and "```{.python}" to a language our lessons know.
    void open_code(const std::string& line) {
        const auto info = line.find_first_not_of(" \t`~");
        const std::string marks = line.substr(0, info);
        std::string language = info == std::string::npos ? std::string() : line.substr(info);
        if (language.starts_with('{')) {
            const auto begin = language.find_first_not_of("{. ");
            language = begin == std::string::npos
                           ? std::string()
                           : language.substr(begin, language.find_first_of(" ,}", begin) - begin);
            changed("a code block's options were left out");
        }
        if (language == "source")
            language = "text";
        out_ += marks + language + "\n";
    }

    void text_line(const std::string& line) {
        if (formula_line(line))
            return;
        if (remnant_line(line) || fence_line(line))
            return;
        if (pending_.empty())
            pending_line_ = line_;
        pending_ += line + "\n";
    }

    bool formula_line(const std::string& line) {
        const auto first = line.find_first_not_of(" \t");
        const bool mark = first != std::string::npos && line.substr(first).starts_with("$$");
        const bool whole = mark && line.size() > first + 4 && line.find("$$", first + 2) != std::string::npos;
        if (in_formula_) {
            const auto end = line.find("$$");
            out_ += line.substr(0, end) + "\n";
            if (end != std::string::npos) {
                out_ += "```\n";
                in_formula_ = false;
            }
            return true;
        }
        if (!mark)
            return false;
        flush();
        missing("a formula is shown as its TeX source");
        const std::string rest = line.substr(first + 2);
        out_ += "```latex\n" + rest.substr(0, rest.find("$$")) + "\n";
        if (whole)
            out_ += "```\n";
        in_formula_ = !whole;
        return true;
    }

    // kramdown's `{: .language-python}` belongs to what stands before it.
    bool remnant_line(const std::string& line) {
        const auto first = line.find_first_not_of(" >");
        if (first == std::string::npos || !line.substr(first).starts_with("{:"))
            return false;
        std::string plain = line.substr(first);
        std::erase(plain, '\\');
        const auto attributes = parse_pandoc_attributes(plain);
        if (pending_.empty() && attributes && !attributes->attributes.classes.empty() &&
            last_fence_ < out_.size()) {
            std::string language = attributes->attributes.classes.front();
            if (language.starts_with("language-"))
                language.erase(0, 9);
            const auto end = out_.find('\n', last_fence_);
            if (out_.substr(last_fence_, end - last_fence_).find_first_not_of(" `~") == std::string::npos) {
                out_.insert(end, language == "source" ? "text" : language);
                changed("a kramdown code mark became the code block's language");
                return true;
            }
        }
        changed(fmt::format("the kramdown mark \"{}\" was left out", line));
        return true;
    }

    // Boxes of unknown kind become notes, so that their text is not lost.
    bool fence_line(const std::string& line) {
        const auto first = line.find_first_not_of(' ');
        if (first == std::string::npos || first > 3 || !line.substr(first).starts_with(":::"))
            return false;
        flush();
        Problems ignored;
        const auto nodes = parse_fences(line + "\n:::\n", file_, line_, ignored);
        const bool opens = nodes.size() == 1 && !nodes.front().is_text();
        if (opens && !find_box_kind(nodes.front().kind, "en")) {
            changed(fmt::format("a box of the unknown kind \"{}\" became a note", nodes.front().kind));
            out_ += "::: callout\n";
        } else {
            out_ += line + "\n";
        }
        return true;
    }

    void flush() {
        if (pending_.empty())
            return;
        TextConverter converter(pending_, pending_line_, paths_);
        std::string text = definition_lists(converter.run());
        out_ += headings(text);
        if (converter.dropped_liquid() > 0)
            report_.changed.push_back(fmt::format("{}:{}: {} template marks were left out", file_.string(),
                                                  pending_line_, converter.dropped_liquid()));
        if (converter.dropped_attributes() > 0)
            report_.changed.push_back(fmt::format("{}:{}: {} attributes of layout were left out",
                                                  file_.string(), pending_line_,
                                                  converter.dropped_attributes()));
        pending_.clear();
    }

    // `## Title {#name .class}`
    static std::string headings(const std::string& text) {
        std::string all;
        for (std::string& line : lines_of(text)) {
            const auto brace = line.starts_with('#') ? line.rfind('{') : std::string::npos;
            const auto attributes = brace == std::string::npos
                                        ? std::nullopt
                                        : parse_pandoc_attributes(std::string_view(line).substr(brace));
            if (attributes && is_blank(std::string_view(line).substr(brace + attributes->length))) {
                line.erase(brace);
                if (!attributes->attributes.id.empty())
                    line.insert(
                        std::min(line.find_first_not_of("# "), line.size()),
                        fmt::format("<span id=\"{}\"></span>", escaped_for_html(attributes->attributes.id)));
            }
            all += line + "\n";
        }
        return all;
    }

    // "term\n:   meaning" to <dl>; Markdown within HTML stands between empty lines.
    static std::string definition_lists(const std::string& text) {
        const auto is_meaning = [](const std::string& line) {
            return line.starts_with(": ") || line.starts_with(":\t");
        };
        const std::vector<std::string> lines = lines_of(text);
        std::string all;
        bool open = false;
        for (std::size_t i = 0; i < lines.size();) {
            const bool term = i + 1 < lines.size() && !is_blank(lines[i]) && is_meaning(lines[i + 1]);
            if (!term) {
                if (open && !is_blank(lines[i])) {
                    all += "</dl>\n\n";
                    open = false;
                }
                all += lines[i++] + "\n";
                continue;
            }
            all += open ? "" : "<dl>\n";
            open = true;
            all += term_markup(lines[i++]) + "\n";
            while (i < lines.size() && is_meaning(lines[i])) {
                all += "<dd>\n\n" +
                       lines[i].substr(std::min(lines[i].find_first_not_of(": \t"), lines[i].size())) + "\n";
                ++i;
                while (i < lines.size() && !is_blank(lines[i]) && !is_meaning(lines[i]))
                    all += lines[i++] + "\n";
                all += "\n</dd>\n";
            }
        }
        return all + (open ? "</dl>\n\n" : "");
    }

    static std::string term_markup(const std::string& line) {
        // Spans with an id are already HTML; a term that links to itself was meant to be one.
        constexpr std::string_view span = "<span id=\"";
        const auto self_link = line.find("](<#");
        if (line.starts_with(span) && line.ends_with("</span>")) {
            const std::string inner = line.substr(0, line.size() - 7);
            const auto close = inner.find("\">");
            return fmt::format("<dt id=\"{}\">{}</dt>", inner.substr(span.size(), close - span.size()),
                               inner.substr(close + 2));
        }
        if (line.starts_with('[') && self_link != std::string::npos && line.ends_with(">)"))
            return fmt::format("<dt id=\"{}\">{}</dt>",
                               line.substr(self_link + 4, line.size() - self_link - 6),
                               escaped_for_html(line.substr(1, self_link - 1)));
        if (line.find_first_of("*_`[<\\") != std::string::npos)
            return "<dt>\n\n" + line + "\n\n</dt>";
        return "<dt>" + escaped_for_html(line) + "</dt>";
    }

    void changed(std::string what) {
        report_.changed.push_back(fmt::format("{}:{}: {}", file_.string(), line_, what));
    }
    void missing(std::string what) {
        report_.missing.push_back(fmt::format("{}:{}: {}", file_.string(), line_, what));
    }

    std::vector<std::string> lines_;
    std::filesystem::path file_;
    int line_;
    CarpentriesPaths& paths_;
    ImportReport& report_;
    std::string out_;
    std::string pending_;
    int pending_line_ = 1;
    std::size_t last_fence_ = std::string::npos;
    bool in_formula_ = false;
};

}  // namespace

std::string convert_carpentries_markdown(std::string_view markdown, const std::filesystem::path& file,
                                         int first_line, CarpentriesPaths& paths, ImportReport& report) {
    return PageConverter(markdown, file, first_line, paths, report).run();
}

std::string without_html_comments(std::string_view markdown) {
    std::string all;
    CodeFenceTracker code;
    bool in_comment = false;
    for (const std::string& line : lines_of(markdown)) {
        if (!in_comment && code.is_code(line)) {
            all += line + "\n";
            continue;
        }
        std::string kept;
        std::string_view rest = line;
        while (!rest.empty()) {
            const auto mark = rest.find(in_comment ? "-->" : "<!--");
            // In inline code it is text.
            const bool quoted =
                !in_comment &&
                std::count(rest.begin(), rest.begin() + std::ptrdiff_t(std::min(mark, rest.size())), '`') %
                        2 ==
                    1;
            if (mark == std::string_view::npos || quoted) {
                kept += in_comment ? std::string_view() : rest;
                break;
            }
            kept += in_comment ? std::string_view() : rest.substr(0, mark);
            rest.remove_prefix(mark + (in_comment ? 3 : 4));
            in_comment = !in_comment;
        }
        all += (kept.size() < line.size() && is_blank(kept) ? std::string() : kept) + "\n";
    }
    return all;
}

}  // namespace calyptenora::platform
