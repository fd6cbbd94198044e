#include "platform/courses/lesson_markup.hpp"

#include "platform/courses/highlight.hpp"
#include "platform/courses/image_size.hpp"
#include "platform/courses/markdown.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace calyptenora::platform {

namespace {

HtmlNode make_text(std::string text) {
    return {.tag = {}, .attributes = {}, .text = std::move(text), .children = {}};
}

HtmlNode make_element(const char* tag, const char* css_class) {
    return {.tag = tag, .attributes = {{"class", css_class}}, .text = {}, .children = {}};
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}
bool is_heading(std::string_view tag) {
    return tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6';
}

// The displayed formula that a paragraph consists of.
const HtmlNode* formula_alone(const HtmlNode& paragraph) {
    if (paragraph.tag != "p" || paragraph.children.size() != 1)
        return nullptr;
    const HtmlNode& child = paragraph.children.front();
    const auto formula = find_formula_in(child);
    return formula && formula->place == FormulaPlace::displayed ? &child : nullptr;
}

// Characters that a formula shows; its source has others.
std::size_t drawn_length(const HtmlNode& math) {
    std::size_t length = count_characters(math.text);
    for (const HtmlNode& child : math.children)
        length += drawn_length(child);
    return length;
}

// Longer ids are not in the allow-list, and nobody writes such a link.
constexpr std::size_t max_anchor = 80;

// As Pandoc and GitHub name headings: "Getting help!" -> "getting-help"; letters outside ASCII stay.
std::string anchor_of(std::string_view text) {
    std::string anchor;
    for (const char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
            (c & 0x80))
            anchor += c;
        else if (c >= 'A' && c <= 'Z')
            anchor += char(c | 0x20);
        else if ((c == ' ' || c == '\n') && !anchor.empty() && anchor.back() != '-')
            anchor += '-';
    }
    if (anchor.size() > max_anchor) {
        auto end = max_anchor;
        while (end > 0 && (anchor[end] & 0xc0) == 0x80)
            --end;
        anchor.resize(end);
    }
    while (anchor.ends_with('-'))
        anchor.pop_back();
    return anchor.empty() ? "section" : anchor;
}

}  // namespace

LessonMarkup::LessonMarkup(const LessonSource& source, const std::string& language, CourseFiles& files,
                           FormulaTypesetter& typesetter, Problems& problems)
    : source_(source),
      files_(files),
      typesetter_(typesetter),
      problems_(problems),
      labels_(make_lesson_labels(language)),
      definitions_(find_link_definitions(source.body)) {}

std::vector<HtmlNode> LessonMarkup::render(const std::string& markdown, int line) {
    piece_ = markdown;
    piece_line_ = line;
    AllowedHtml parsed = parse_markdown(markdown + "\n\n" + definitions_);
    for (const std::string& what : parsed.removed) {
        const auto space = what.find(' ');
        std::string_view needle = what;
        if (what.starts_with('<'))
            needle = std::string_view(what).substr(0, what.size() - 1);
        else if (space != std::string::npos)
            needle = std::string_view(what).substr(space + 1);
        problem(Problem::Severity::warning, line_of(needle),
                fmt::format("{} is not allowed and was left out", what),
                "use Markdown, a box (\":::\") or plain elements without style and script");
    }
    prepare_formulas(parsed.nodes);
    walk(parsed.nodes);
    return std::move(parsed.nodes);
}

HtmlNode LessonMarkup::make_heading(const std::string& text) {
    heading_level_ = std::min(heading_level_ + 1, 6);
    HtmlNode node{.tag = fmt::format("h{}", heading_level_), .attributes = {}, .text = {}, .children = {}};
    node.children.push_back(make_text(text));
    return node;
}

std::string LessonMarkup::claim_anchor(const std::string& wanted) {
    std::string anchor = wanted;
    for (int number = 1; !anchors_.insert(anchor).second; ++number)
        anchor = fmt::format("{}-{}", wanted, number);
    return std::string(anchor_prefix) + anchor;
}

void LessonMarkup::walk(std::vector<HtmlNode>& nodes) {
    for (HtmlNode& node : nodes) {
        if (node.is_text()) {
            if (!is_blank(node.text))
                text_length_ += count_characters(node.text);
        } else {
            element(node);
        }
    }
}

void LessonMarkup::element(HtmlNode& node) {
    if (const std::string* id = node.find("id"); id && !is_heading(node.tag))
        node.set("id", claim_anchor(*id));
    if (const auto found = find_formula_in(node)) {
        text_length_ += count_characters(found->source);
        return formula(node, *found);
    }
    if (node.tag == "pre") {
        text_length_ += count_characters(node.plain_text());
        return code_block(node);
    }
    if (node.tag == "img")
        return picture(node);
    if (is_heading(node.tag))
        heading(node);
    else if (node.tag == "a")
        link(node);
    else if (node.tag == "td" || node.tag == "th")
        cell(node);
    else if (node.tag == "input")
        node.set("aria-label", std::string(node.find("checked") ? labels_.done : labels_.open));
    if (const auto* alone = formula_alone(node)) {
        HtmlNode inside = *alone;
        node = std::move(inside);
        return element(node);
    }
    walk(node.children);
    if (is_figure(node))
        make_figure(node);
    if (node.tag == "table") {
        HtmlNode frame = make_element("div", "table-scroll");
        frame.set("tabindex", "0");
        frame.children.push_back(std::move(node));
        node = std::move(frame);
    }
}

void LessonMarkup::heading(HtmlNode& node) {
    const int wanted = std::max(2, node.tag[1] - '0');
    // Inside a box everything is below the box's own place; nowhere is a level skipped.
    const int level = std::min({wanted + (depth_ > 0 ? 1 : 0), heading_level_ + 1, 6});
    heading_level_ = level;
    node.tag = fmt::format("h{}", level);
    const std::string text = node.plain_text();
    const std::string* id = node.find("id");
    node.set("id", claim_anchor(id ? *id : anchor_of(text)));
    if (depth_ == 0 && level <= 4)
        toc_.push_back({level, *node.find("id"), text});
}

void LessonMarkup::link(HtmlNode& node) {
    const std::string* found = node.find("href");
    if (!found)
        return;
    const std::string href = *found;
    if (classify_link(href) == LinkKind::external) {
        if (!href.starts_with("mailto:") && !href.starts_with("MAILTO:")) {
            node.set("rel", "noopener external");
            node.set("class", "external");
            HtmlNode mark = make_element("span", "external-mark");
            mark.set("role", "img");
            mark.set("aria-label", std::string(labels_.other_site));
            // So that it is read as a word of its own, on the same line.
            node.children.push_back(make_text("\u00a0"));
            node.children.push_back(std::move(mark));
        }
        return;
    }
    const auto hash = href.find('#');
    const auto anchor =
        hash == std::string::npos ? std::nullopt : find_percent_decoded(href.substr(hash + 1));
    const int line = line_of(href);
    if (hash == 0) {
        references_.push_back({source_.path, anchor.value_or(""), line});
        node.set("href", "#" + std::string(anchor_prefix) + percent_encoded(anchor.value_or("")));
        return;
    }
    const auto decoded = find_percent_decoded(href.substr(0, hash));
    const auto path = decoded ? CourseFiles::find_inside(source_.path, *decoded) : std::nullopt;
    if (path) {
        if (auto url = files_.find_lesson_url(*path)) {
            if (anchor) {
                references_.push_back({*path, *anchor, line});
                *url += "#" + std::string(anchor_prefix) + percent_encoded(*anchor);
            }
            node.set("href", std::move(*url));
            return;
        }
        if (auto url = files_.find_media_url(*path)) {
            node.set("href", std::move(*url));
            node.set("download", "");
            return;
        }
    }
    node.remove("href");
    problem(Problem::Severity::error, line,
            fmt::format("the link \"{}\" leads to no lesson or file of this course", href),
            "correct the path (relative to the lesson), or write a full https:// address");
}

void LessonMarkup::picture(HtmlNode& node) {
    const std::string src = *node.find("src");
    const std::string* alt = node.find("alt");
    const int line = line_of(src);
    if (classify_link(src) == LinkKind::external) {
        problem(Problem::Severity::warning, line,
                fmt::format("the picture {} lies at another origin; a link is shown instead", src),
                "put the picture into the course folder: loading it from elsewhere would tell that origin "
                "who is reading");
        HtmlNode replacement{.tag = "a", .attributes = {{"href", src}}, .text = {}, .children = {}};
        replacement.children.push_back(make_text(alt && !alt->empty() ? *alt : src));
        node = std::move(replacement);
        return link(node);
    }
    const auto decoded = find_percent_decoded(src.substr(0, src.find_first_of("?#")));
    const auto path = decoded ? CourseFiles::find_inside(source_.path, *decoded) : std::nullopt;
    const auto url = path ? files_.find_media_url(*path) : std::nullopt;
    if (!url) {
        problem(Problem::Severity::error, line, fmt::format("there is no picture \"{}\" in this course", src),
                "correct the path (relative to the lesson), or add the file");
        return;
    }
    if (!alt || is_blank(*alt)) {
        problem(Problem::Severity::warning, line,
                fmt::format("the picture \"{}\" has no text for those who cannot see it", src),
                fmt::format("describe it: ![what it shows]({})", src));
        node.set("alt", "");
    }
    node.set("src", *url);
    node.set("loading", "lazy");
    if (const auto size = load_image_size(files_.folder() / *path)) {
        node.set("width", std::to_string(size->width));
        node.set("height", std::to_string(size->height));
    } else {
        problem(Problem::Severity::warning, line,
                fmt::format("the size of the picture \"{}\" cannot be read", src),
                "use PNG, JPEG, GIF, WebP, or SVG with width and height or viewBox");
    }
}

bool LessonMarkup::is_figure(const HtmlNode& paragraph) {
    if (paragraph.tag != "p")
        return false;
    std::size_t pictures = 0;
    for (const HtmlNode& child : paragraph.children) {
        if (child.tag == "img")
            ++pictures;
        else if (!child.is_text() || !is_blank(child.text))
            return false;
    }
    return pictures == 1;
}

void LessonMarkup::make_figure(HtmlNode& paragraph) {
    HtmlNode image = std::move(*std::find_if(paragraph.children.begin(), paragraph.children.end(),
                                             [](const HtmlNode& child) { return child.tag == "img"; }));
    paragraph = {.tag = "figure", .attributes = {}, .text = {}, .children = {}};
    const std::string* title = image.find("title");
    std::optional<HtmlNode> caption;
    if (title && !is_blank(*title)) {
        caption = HtmlNode{.tag = "figcaption", .attributes = {}, .text = {}, .children = {}};
        caption->children.push_back(make_text(*title));
    }
    image.remove("title");
    paragraph.children.push_back(std::move(image));
    if (caption)
        paragraph.children.push_back(std::move(*caption));
}

void LessonMarkup::code_block(HtmlNode& node) {
    constexpr std::string_view prefix = "language-";
    std::string language;
    if (!node.children.empty() && node.children.front().tag == "code")
        if (const std::string* css = node.children.front().find("class"); css && css->starts_with(prefix))
            language = css->substr(prefix.size());
    const std::string code = node.plain_text();
    const bool said = language == "output" || language == "error";
    HtmlNode pre = make_element("pre", language == "output" ? "program-output"
                                       : said               ? "program-error"
                                                            : "code");
    // What scrolls must be reachable by keyboard.
    pre.set("tabindex", "0");
    HtmlNode inside{.tag = said ? "samp" : "code", .attributes = {}, .text = {}, .children = {}};
    if (!said && !language.empty())
        inside.set("class", std::string(prefix) + language);
    inside.children = highlight_code(code, said ? "" : language);
    pre.children.push_back(std::move(inside));
    if (!said) {
        node = std::move(pre);
        return;
    }
    HtmlNode figure = make_element("figure", "program");
    HtmlNode caption{.tag = "figcaption", .attributes = {}, .text = {}, .children = {}};
    caption.children.push_back(
        make_text(std::string(language == "output" ? labels_.program_output : labels_.program_error)));
    figure.children.push_back(std::move(caption));
    figure.children.push_back(std::move(pre));
    node = std::move(figure);
}

void LessonMarkup::prepare_formulas(const std::vector<HtmlNode>& nodes) {
    std::vector<Formula> formulas;
    const auto gather = [&](auto&& self, const std::vector<HtmlNode>& inside) -> void {
        for (const HtmlNode& node : inside)
            if (auto formula = find_formula_in(node))
                formulas.push_back(std::move(*formula));
            else
                self(self, node.children);
    };
    gather(gather, nodes);
    typesetter_.prepare(formulas);
}

void LessonMarkup::formula(HtmlNode& node, const Formula& formula) {
    // What is longer does not fit beside text on a telephone; it scrolls by itself.
    constexpr std::size_t longest_within_text = 20;
    const bool displayed = formula.place == FormulaPlace::displayed;
    const auto& typeset = typesetter_.find(formula);
    if (!typeset.math)
        return formula_source(node, formula, typeset.fault);
    if (!displayed && drawn_length(*typeset.math) <= longest_within_text) {
        node = *typeset.math;
        return;
    }
    HtmlNode frame = make_element("span", displayed ? "formula" : "formula-within");
    frame.set("tabindex", "0");
    frame.children.push_back(*typeset.math);
    node = std::move(frame);
}

void LessonMarkup::formula_source(HtmlNode& node, const Formula& formula, const std::string& fault) {
    const std::string first_line = formula.source.substr(0, formula.source.find('\n'));
    if (typesetter_.outage().empty())
        problem(Problem::Severity::warning, line_of(first_line),
                fmt::format("the formula \"{}\" cannot be typeset: {}", first_line, fault),
                "correct it; until then readers see its source");
    else if (typesetter_.is_outage_news())
        problem(Problem::Severity::warning, line_of(first_line),
                fmt::format("formulas are shown as their source: {}", fault),
                "its Debian package has the same name; then load the courses again");
    HtmlNode code{.tag = "code", .attributes = {{"class", "language-latex"}}, .text = {}, .children = {}};
    code.children.push_back(make_text(formula.source));
    if (formula.place == FormulaPlace::in_text || node.tag != "pre") {
        node = std::move(code);
        return;
    }
    node = make_element("pre", "code");
    node.set("tabindex", "0");
    node.children.push_back(std::move(code));
}

void LessonMarkup::cell(HtmlNode& node) {
    if (const std::string* align = node.find("align")) {
        node.set("class", "align-" + *align);
        node.remove("align");
    }
    if (node.tag == "th" && !node.find("scope"))
        node.set("scope", "col");
}

int LessonMarkup::line_of(std::string_view what) const {
    const auto ends_word = [](std::string_view text, std::size_t at) {
        return at >= text.size() ||
               std::string_view(")>\"'=# \t\n/&$`").find(text[at]) != std::string_view::npos;
    };
    const auto find = [&](std::string_view text, std::string_view needle,
                          int first_line) -> std::optional<int> {
        auto at = needle.empty() ? std::string_view::npos : text.find(needle);
        while (at != std::string_view::npos && !ends_word(text, at + needle.size()))
            at = text.find(needle, at + 1);
        if (at == std::string_view::npos)
            return std::nullopt;
        return first_line + int(std::count(text.begin(), text.begin() + std::ptrdiff_t(at), '\n'));
    };
    const std::string decoded = find_percent_decoded(what).value_or(std::string(what));
    // Targets of reference links stand elsewhere in the lesson.
    for (const std::string_view needle : {what, std::string_view(decoded)}) {
        if (const auto line = find(piece_, needle, piece_line_))
            return *line;
        if (const auto line = find(source_.body, needle, source_.body_line))
            return *line;
    }
    return piece_line_;
}

void LessonMarkup::problem(Problem::Severity severity, int line, std::string what, std::string remedy) {
    problems_.push_back({severity, source_.file, line, std::move(what), std::move(remedy)});
}

}  // namespace calyptenora::platform
