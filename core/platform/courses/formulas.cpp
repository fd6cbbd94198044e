#include "platform/courses/formulas.hpp"

#include "platform/courses/fences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace calyptenora::platform {

namespace {

constexpr std::string_view text_class = "language-math";
constexpr std::string_view displayed_class = "language-displaymath";

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Letters of all languages: every byte of a character outside ASCII counts as one.
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

std::size_t run_length(std::string_view text, std::size_t at, char c) {
    return std::min(text.find_first_not_of(c, at), text.size()) - at;
}

std::string_view line_at(std::string_view text, std::size_t begin) {
    return text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
}

// Whether a line ends whatever paragraph stands before it.
bool ends_paragraph(std::string_view line, FormulaPlace place) {
    const auto first = line.find_first_not_of(" \t\r>");
    if (first == std::string_view::npos)
        return true;
    const std::string_view text = line.substr(first);
    if (text.starts_with(":::") || text.starts_with("```") || text.starts_with("~~~"))
        return true;
    // Between $$ and $$ lines may begin as they like.
    if (place == FormulaPlace::displayed)
        return false;
    if (text.front() == '#' || text.front() == '|' || line.find('>') < first)
        return true;
    const bool list_mark = text.front() == '-' || text.front() == '*' || text.front() == '+';
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const bool number = digits > 0 && digits < text.size() && (text[digits] == '.' || text[digits] == ')');
    const std::size_t mark = list_mark ? 1 : number ? digits + 1 : 0;
    return mark > 0 && (mark == text.size() || is_space(text[mark]));
}

bool is_quoted(std::string_view markdown, std::size_t at) {
    const auto newline = at == 0 ? std::string_view::npos : markdown.rfind('\n', at - 1);
    const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    const std::string_view before = markdown.substr(line, at - line);
    return before.substr(std::min(before.find_first_not_of(" \t"), before.size())).starts_with('>');
}

std::string without_quotation_marks(std::string_view source) {
    std::string out;
    bool line_begins = false;
    for (const char c : source) {
        if (line_begins && (c == '>' || c == ' '))
            continue;
        line_begins = c == '\n';
        out += c;
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

FoundFormula make_found(std::string_view markdown, std::size_t begin, std::size_t end, FormulaPlace place) {
    const std::size_t dollars = place == FormulaPlace::displayed ? 2 : 1;
    std::string_view source = markdown.substr(begin + dollars, end - begin - 2 * dollars);
    // GitHub's $`...`$, for formulas that other readers would take for emphasis.
    if (source.size() > 2 && source.starts_with('`') && source.ends_with('`'))
        source = source.substr(1, source.size() - 2);
    const bool has_lines = source.find('\n') != std::string_view::npos;
    std::string text(has_lines && is_quoted(markdown, begin) ? trimmed(without_quotation_marks(source))
                                                             : trimmed(source));
    return {{std::move(text), place}, begin, end};
}

// Where something stands next, asked for at places that only move on: no part of a text is searched twice.
class Lookahead {
  public:
    Lookahead(std::string_view text, std::string_view what) : text_(text), what_(what) {}

    // The end of the text if it stands nowhere.
    std::size_t from(std::size_t at) {
        if (!next_ || *next_ < at)
            next_ = std::min(text_.find(what_, at), text_.size());
        return *next_;
    }

  private:
    std::string_view text_;
    std::string_view what_;
    std::optional<std::size_t> next_;
};

// Code and tags, at places that only move on.
class Skipper {
  public:
    explicit Skipper(std::string_view text)
        : text_(text), paragraph_end_(text, "\n\n"), tag_end_(text, ">") {}

    // Behind the code that begins at `at`, or behind its first mark if there is no second.
    std::size_t end_of_code(std::size_t at) {
        const auto length = run_length(text_, at, '`');
        const auto paragraph = paragraph_end_.from(at);
        if (paragraph != marks_until_)
            find_marks(at, paragraph);
        if (const auto last = last_marks_.find(length); last == last_marks_.end() || last->second <= at)
            return at + length;
        for (auto next = text_.find('`', at + length); next < paragraph; next = text_.find('`', next)) {
            const auto run = run_length(text_, next, '`');
            next += run;
            if (run == length)
                return next;
        }
        return at + length;
    }

    std::size_t end_of_tag(std::size_t at) {
        const char next = at + 1 < text_.size() ? text_[at + 1] : ' ';
        const bool tag =
            (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' || next == '!';
        return tag && tag_end_.from(at) < paragraph_end_.from(at) ? tag_end_.from(at) + 1 : at + 1;
    }

  private:
    // Otherwise every mark without a second would be looked for to the paragraph's end.
    void find_marks(std::size_t at, std::size_t paragraph) {
        last_marks_.clear();
        for (auto next = text_.find('`', at); next < paragraph; next = text_.find('`', next)) {
            const auto run = run_length(text_, next, '`');
            last_marks_[run] = next;
            next += run;
        }
        marks_until_ = paragraph;
    }

    std::string_view text_;
    Lookahead paragraph_end_;
    Lookahead tag_end_;
    // Where the paragraph's last mark of each length begins.
    std::map<std::size_t, std::size_t> last_marks_;
    std::size_t marks_until_ = std::string_view::npos;
};

bool has_class(const HtmlNode& element, std::string_view name) {
    const std::string* found = element.find("class");
    return found && *found == name;
}

}  // namespace

std::optional<FoundFormula> find_formula(std::string_view markdown, std::size_t at) {
    const auto dollars = run_length(markdown, at, '$');
    const auto begin = at + dollars;
    if (dollars == 0 || dollars > 2 || begin >= markdown.size() || (at > 0 && is_word(markdown[at - 1])))
        return std::nullopt;
    const auto place = dollars == 2 ? FormulaPlace::displayed : FormulaPlace::in_text;
    if (place == FormulaPlace::in_text && is_space(markdown[begin]))
        return std::nullopt;
    for (std::size_t i = begin; i < markdown.size() && i - begin <= max_formula; ++i) {
        if (markdown[i] == '\\') {
            ++i;
        } else if (markdown[i] == '\n') {
            if (ends_paragraph(line_at(markdown, i + 1), place))
                return std::nullopt;
        } else if (markdown[i] == '$') {
            const auto run = run_length(markdown, i, '$');
            if (place == FormulaPlace::displayed) {
                if (run >= 2 && !trimmed(markdown.substr(begin, i - begin)).empty())
                    return make_found(markdown, at, i + 2, place);
                continue;
            }
            const char after = i + 1 < markdown.size() ? markdown[i + 1] : ' ';
            if (run != 1 || is_space(markdown[i - 1]) || is_word(after))
                return std::nullopt;
            return make_found(markdown, at, i + 1, place);
        }
    }
    return std::nullopt;
}

std::vector<FoundFormula> find_formulas(std::string_view markdown) {
    std::vector<FoundFormula> found;
    if (markdown.find('$') == std::string_view::npos)
        return found;
    CodeFenceTracker code;
    Skipper skipper(markdown);
    bool line_begins = true;
    for (std::size_t at = 0; at < markdown.size();) {
        if (line_begins) {
            const std::string_view line = line_at(markdown, at);
            if (code.is_code(line)) {
                at += line.size() + 1;
                continue;
            }
        }
        line_begins = markdown[at] == '\n';
        switch (markdown[at]) {
            case '\\':
                // Not over the end of a line, which begins the next one.
                at += at + 1 < markdown.size() && markdown[at + 1] != '\n' ? 2 : 1;
                break;
            case '`':
                at = skipper.end_of_code(at);
                break;
            case '<':
                at = skipper.end_of_tag(at);
                break;
            case '$':
                if (auto formula = find_formula(markdown, at)) {
                    at = formula->end;
                    found.push_back(std::move(*formula));
                } else {
                    at += run_length(markdown, at, '$');
                }
                break;
            default:
                ++at;
        }
    }
    return found;
}

HtmlNode make_formula_node(const Formula& formula) {
    const auto name = formula.place == FormulaPlace::displayed ? displayed_class : text_class;
    HtmlNode node{.tag = "code", .attributes = {{"class", std::string(name)}}, .text = {}, .children = {}};
    node.children.push_back({.tag = {}, .attributes = {}, .text = formula.source, .children = {}});
    return node;
}

std::optional<Formula> find_formula_in(const HtmlNode& element) {
    const bool block = element.tag == "pre" && element.children.size() == 1;
    const HtmlNode& code = block ? element.children.front() : element;
    if (code.tag != "code" || !(has_class(code, text_class) || has_class(code, displayed_class)))
        return std::nullopt;
    std::string source(trimmed(code.plain_text()));
    if (source.empty() || source.size() > max_formula)
        return std::nullopt;
    return Formula{std::move(source), block || has_class(code, displayed_class) ? FormulaPlace::displayed
                                                                                : FormulaPlace::in_text};
}

FormulaMarks::FormulaMarks(std::string_view markdown)
    : markdown_(markdown), word_("formula"), formulas_(find_formulas(markdown)) {
    // A word that the author has not written; of letters and digits, which Markdown leaves alone everywhere.
    while (markdown_.find(word_) != std::string::npos)
        word_ += "x";
    std::size_t copied = 0;
    for (std::size_t i = 0; i < formulas_.size(); ++i) {
        text_ += markdown_.substr(copied, formulas_[i].begin - copied);
        text_ += fmt::format("{}{}y", word_, i);
        copied = formulas_[i].end;
    }
    text_ += markdown_.substr(copied);
}

std::string_view FormulaMarks::written(const FoundFormula& formula) const {
    return std::string_view(markdown_).substr(formula.begin, formula.end - formula.begin);
}

std::optional<FormulaMarks::Mark> FormulaMarks::find_mark(std::string_view text, std::size_t from) const {
    for (auto at = text.find(word_, from); at != std::string_view::npos; at = text.find(word_, at + 1)) {
        const std::string_view number = text.substr(at + word_.size());
        std::size_t index = 0;
        const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), index);
        const auto length = std::size_t(end - number.data());
        if (failure == std::errc() && length < number.size() && *end == 'y' && index < formulas_.size())
            return Mark{at, at + word_.size() + length + 1, &formulas_[index]};
    }
    return std::nullopt;
}

std::string FormulaMarks::plain(std::string_view marked) const {
    std::string out;
    std::size_t copied = 0;
    for (auto mark = find_mark(marked, 0); mark; mark = find_mark(marked, copied)) {
        out += marked.substr(copied, mark->begin - copied);
        out += written(*mark->formula);
        copied = mark->end;
    }
    out += marked.substr(copied);
    return out;
}

void FormulaMarks::put_back(std::vector<HtmlNode>& nodes) const {
    if (formulas_.empty())
        return;
    std::vector<HtmlNode> result;
    for (HtmlNode& node : nodes) {
        if (!node.is_text()) {
            for (auto& [name, value] : node.attributes)
                value = plain(value);
            if (node.tag == "code" || node.tag == "pre") {
                const auto text_as_it_was = [this](auto&& self, HtmlNode& inside) -> void {
                    inside.text = plain(inside.text);
                    for (HtmlNode& child : inside.children)
                        self(self, child);
                };
                text_as_it_was(text_as_it_was, node);
            } else {
                put_back(node.children);
            }
            result.push_back(std::move(node));
            continue;
        }
        std::size_t copied = 0;
        const auto add_text = [&](std::size_t end) {
            if (end > copied)
                result.push_back({.tag = {},
                                  .attributes = {},
                                  .text = node.text.substr(copied, end - copied),
                                  .children = {}});
        };
        for (auto mark = find_mark(node.text, 0); mark; mark = find_mark(node.text, copied)) {
            add_text(mark->begin);
            result.push_back(make_formula_node(mark->formula->formula));
            copied = mark->end;
        }
        add_text(node.text.size());
    }
    nodes = std::move(result);
}

}  // namespace calyptenora::platform
