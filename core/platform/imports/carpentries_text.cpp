#include "platform/imports/carpentries_text.hpp"

#include "platform/courses/formulas.hpp"
#include "platform/courses/pandoc_attributes.hpp"
#include "platform/courses/safe_html.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::platform {

namespace {

std::string escaped_for_markdown(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (std::string_view("\\`*_[]<>&~|!").find(c) != std::string_view::npos)
            escaped += '\\';
        escaped += c == '\n' ? ' ' : c;
    }
    return escaped;
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
        if (rest.front() == '$')
            return dollars(rest);
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

    // In a formula, brackets and braces are its own.
    void dollars(std::string_view rest) {
        const auto formula = find_formula(text_, at_);
        copy(formula ? formula->end - formula->begin : std::min(rest.find_first_not_of('$'), rest.size()));
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

}  // namespace

std::string escaped_for_html(std::string_view text) {
    return SafeHtml().text(text).str();
}

ConvertedText convert_carpentries_text(std::string_view text, int line, CarpentriesPaths& paths) {
    TextConverter converter(text, line, paths);
    ConvertedText converted;
    converted.text = converter.run();
    converted.dropped_liquid = converter.dropped_liquid();
    converted.dropped_attributes = converter.dropped_attributes();
    return converted;
}

}  // namespace calyptenora::platform
