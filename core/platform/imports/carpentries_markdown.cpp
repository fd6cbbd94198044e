#include "platform/imports/carpentries_markdown.hpp"

#include "platform/courses/fences.hpp"
#include "platform/courses/labels.hpp"
#include "platform/courses/pandoc_attributes.hpp"
#include "platform/imports/carpentries_text.hpp"

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
        if (!is_formula_line(line) && (remnant_line(line) || fence_line(line)))
            return;
        if (pending_.empty())
            pending_line_ = line_;
        pending_ += line + "\n";
    }

    // Between "$$" and "$$" lines may begin as they like.
    bool is_formula_line(const std::string& line) {
        const auto first = line.find_first_not_of(" \t");
        if (in_formula_) {
            in_formula_ = first != std::string::npos && line.find("$$") == std::string::npos;
            return true;
        }
        const bool begins = first != std::string::npos && line.substr(first).starts_with("$$");
        in_formula_ = begins && line.find("$$", first + 2) == std::string::npos;
        return begins;
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
        const ConvertedText converted = convert_carpentries_text(pending_, pending_line_, paths_);
        std::string text = definition_lists(converted.text);
        out_ += headings(text);
        if (converted.dropped_liquid > 0)
            report_.changed.push_back(fmt::format("{}:{}: {} template marks were left out", file_.string(),
                                                  pending_line_, converted.dropped_liquid));
        if (converted.dropped_attributes > 0)
            report_.changed.push_back(fmt::format("{}:{}: {} attributes of layout were left out",
                                                  file_.string(), pending_line_,
                                                  converted.dropped_attributes));
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
