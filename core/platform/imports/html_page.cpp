#include "platform/imports/html_page.hpp"

#include "platform/courses/formulas.hpp"
#include "platform/imports/plain_text.hpp"
#include "platform/imports/tidy_html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace calyptenora::platform {

namespace {

using namespace std::string_view_literals;

// Without a word in the report when their tags go: what is in them stays, or nothing was in them.
constexpr std::array silent{
    "<html>"sv,    "<body>"sv,   "<meta>"sv,   "<link>"sv,     "<title>"sv,   "<head>"sv,     "<section>"sv,
    "<article>"sv, "<header>"sv, "<footer>"sv, "<main>"sv,     "<aside>"sv,   "<nav>"sv,      "<center>"sv,
    "<font>"sv,    "<big>"sv,    "<tt>"sv,     "<strike>"sv,   "<address>"sv, "<acronym>"sv,  "<hgroup>"sv,
    "<picture>"sv, "<source>"sv, "<track>"sv,  "<colgroup>"sv, "<col>"sv,     "<nobr>"sv,     "<time>"sv,
    "<data>"sv,    "<ruby>"sv,   "<rt>"sv,     "<rp>"sv,       "<style>"sv,   "<noscript>"sv, "<noembed>"sv,
    "<label>"sv,   "<o:p>"sv,    "<base>"sv};

std::string in_short(std::string_view text) {
    const std::string line = in_one_line(text);
    return line.size() <= 120 ? line : as_utf8(line.substr(0, line.find_last_of(' ', 117))) + "...";
}

std::string host_of(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == std::string_view::npos)
        return {};
    std::string_view host = url.substr(begin + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    if (const auto at = host.rfind('@'); at != std::string_view::npos)
        host.remove_prefix(at + 1);
    if (host.starts_with("www."))
        host.remove_prefix(4);
    return std::string(host);
}

// The page on which people see what a frame would show; else the address itself.
std::string address_for_people(std::string url) {
    if (url.starts_with("//"))
        url.insert(0, "https:");
    for (std::string_view frame : {"youtube.com/embed/", "youtube-nocookie.com/embed/"})
        if (const auto at = url.find(frame); at != std::string::npos) {
            const std::string rest = url.substr(at + frame.size());
            const std::string id = rest.substr(0, rest.find_first_of("?&#/"));
            if (!id.empty() && id != "videoseries")
                return "https://www.youtube.com/watch?v=" + id;
        }
    if (const auto at = url.find("player.vimeo.com/video/"); at != std::string::npos)
        return "https://vimeo.com/" + url.substr(at + 23, url.find_first_of("?&#/", at + 23) - at - 23);
    return url;
}

/// What MathJax reads as the beginning and the end of a formula in text, and Open edX before MathJax sees it.
/// A single dollar is not among them.
struct Delimiters {
    std::string_view begin;
    std::string_view end;
    FormulaPlace place;
};

constexpr Delimiters mathjax[] = {{"\\(", "\\)", FormulaPlace::in_text},
                                  {"\\[", "\\]", FormulaPlace::displayed},
                                  {"$$", "$$", FormulaPlace::displayed},
                                  {"[mathjaxinline]", "[/mathjaxinline]", FormulaPlace::in_text},
                                  {"[mathjax]", "[/mathjax]", FormulaPlace::displayed}};

struct DelimitedFormula {
    std::size_t begin;
    std::size_t end;
    Formula formula;
};

std::optional<DelimitedFormula> find_delimited(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at < text.size(); ++at)
        for (const Delimiters& one : mathjax) {
            if (!text.substr(at).starts_with(one.begin))
                continue;
            const auto inside = at + one.begin.size();
            const auto end = text.find(one.end, inside);
            if (end == std::string_view::npos || is_blank(text.substr(inside, end - inside)))
                continue;
            return DelimitedFormula{
                at, end + one.end.size(), {in_one_line(text.substr(inside, end - inside)), one.place}};
        }
    return std::nullopt;
}

void read_delimited_formulas(std::vector<HtmlNode>& nodes) {
    std::vector<HtmlNode> result;
    for (HtmlNode& node : nodes) {
        if (!node.is_text()) {
            if (node.tag != "code" && node.tag != "pre")
                read_delimited_formulas(node.children);
            result.push_back(std::move(node));
            continue;
        }
        std::size_t copied = 0;
        for (auto found = find_delimited(node.text, 0); found; found = find_delimited(node.text, copied)) {
            if (found->begin > copied)
                result.push_back(make_text_node(node.text.substr(copied, found->begin - copied)));
            result.push_back(make_formula_node(found->formula));
            copied = found->end;
        }
        if (copied < node.text.size())
            result.push_back(make_text_node(node.text.substr(copied)));
    }
    nodes = std::move(result);
}

class PageReader {
  public:
    PageReader(const std::string& file, const ImportWords& words, ImportReport& report)
        : file_(file), words_(words), report_(report) {}

    HtmlPage run(std::string_view html) {
        AllowedHtml allowed = parse_allowed_html(html, [this](HtmlNode& element) { return see(element); });
        page_.nodes = std::move(allowed.nodes);
        read_delimited_formulas(page_.nodes);
        tell(allowed.removed);
        return std::move(page_);
    }

  private:
    bool see(HtmlNode& element) {
        const std::string& tag = element.tag;
        if (tag == "title") {
            if (page_.title.empty())
                page_.title = in_one_line(element.text);
            return false;
        }
        if (tag == "meta")
            return meta(element);
        if (tag == "script")
            return script(element);
        if (tag == "math")
            return math(element);
        if (tag == "iframe" || tag == "embed" || tag == "object" || tag == "video" || tag == "audio" ||
            tag == "frame" || tag == "applet")
            return embedded(element);
        if (tag == "img")
            return picture(element);
        if (tag == "a" && element.find("name") && !element.find("id"))
            element.set("id", *element.find("name"));
        return is_mark_of_external_link(element) && removed(element);
    }

    static bool removed(HtmlNode& element) {
        element = {};
        return true;
    }

    bool meta(const HtmlNode& element) {
        const auto* name = element.find("name");
        const auto* content = element.find("content");
        if (name && content)
            page_.meta[*name] = *content;
        if (const auto* kind = element.find("http-equiv"); kind && (*kind == "refresh" || *kind == "Refresh"))
            missing("a redirection to another page was left out");
        return false;
    }

    // MathJax keeps its source in scripts that are none.
    static bool script(HtmlNode& element) {
        const auto* type = element.find("type");
        return type && type->starts_with("math/tex") &&
               formula(element, element.text,
                       type->find("mode=display") == std::string::npos ? FormulaPlace::in_text
                                                                       : FormulaPlace::displayed);
    }

    static bool formula(HtmlNode& element, const std::string& source, FormulaPlace place) {
        std::string text = in_one_line(source);
        if (text.empty())
            return false;
        element = make_formula_node({std::move(text), place});
        return true;
    }

    // What comes without its source cannot be written down again.
    bool math(HtmlNode& element) {
        const auto* display = element.find("display");
        const auto place = display && *display == "block" ? FormulaPlace::displayed : FormulaPlace::in_text;
        const auto* source = element.find("alttext");
        const auto* annotation = find_below(element, "annotation");
        if (source || annotation)
            return formula(element, source ? *source : annotation->text, place);
        const std::string text = in_one_line(all_text(element));
        if (text.empty())
            return false;
        missing(fmt::format("a formula that came without its source stands there as its text: {}",
                            in_short(text)));
        element = make_element("code", {make_text_node(text)});
        return true;
    }

    static std::string all_text(const HtmlNode& node) {
        std::string text = node.text;
        for (const HtmlNode& child : node.children)
            text += " " + all_text(child);
        return text;
    }

    static const HtmlNode* find_below(const HtmlNode& node, std::string_view tag) {
        for (const HtmlNode& child : node.children) {
            if (child.tag == tag)
                return &child;
            if (const auto* found = find_below(child, tag))
                return found;
        }
        return nullptr;
    }

    // Canvas shows formulas as pictures that its own server draws.
    bool picture(HtmlNode& element) {
        if (const auto* source = element.find("data-equation-content");
            source && formula(element, *source, FormulaPlace::in_text))
            return true;
        const auto* src = element.find("src");
        const auto* alt = element.find("alt");
        if (src && src->starts_with("data:")) {
            missing(fmt::format(
                "a picture that stands in the page itself ({}) was left out; save it as a file",
                alt && !alt->empty() ? in_short(*alt) : src->substr(5, src->find_first_of(";,") - 5)));
            const std::string text = alt ? *alt : std::string();
            element = make_element("em", {make_text_node(text)});
            return true;
        }
        // The address of a server comes with or without a protocol.
        if (src && src->starts_with("//"))
            element.set("src", "https:" + *src);
        return false;
    }

    bool embedded(HtmlNode& element) {
        std::string address;
        for (const char* name : {"src", "data", "data-src"})
            if (const auto* value = element.find(name); value && address.empty())
                address = std::string(trimmed(*value));
        for (const char* inner : {"source", "embed", "iframe", "img"})
            if (const auto* child = find_below(element, inner); child && address.empty())
                for (const char* name : {"src", "data-src"})
                    if (const auto* value = child->find(name); value && address.empty())
                        address = std::string(trimmed(*value));
        if (const auto* source = element.find("srcdoc"); source && address.empty()) {
            missing("a frame that holds a page of its own was left out");
            return removed(element);
        }
        if (address.empty() || address.starts_with("about:"))
            return removed(element);
        address = address_for_people(std::move(address));
        const auto* title = element.find("title");
        const bool is_video = element.tag == "video" || address.starts_with("https://www.youtube.com/") ||
                              address.starts_with("https://vimeo.com/");
        std::string label(is_video ? words_.video : element.tag == "audio" ? words_.audio : words_.embedded);
        if (title && !is_blank(*title))
            label += ": " + in_one_line(*title);
        const std::string host = host_of(address);
        if (!host.empty())
            label += fmt::format(" ({})", host);
        if (classify_link(address) == LinkKind::refused) {
            missing(fmt::format("<{}> with the address \"{}\" was left out", element.tag, in_short(address)));
            return removed(element);
        }
        missing(fmt::format("<{}> is not shown within a lesson; a link to {} stands there instead",
                            element.tag, in_short(address)));
        HtmlNode link = make_element("a", {make_text_node(label)});
        link.set("href", address);
        element = make_element("p", {std::move(link)});
        return true;
    }

    // Canvas writes its mark of external links into the page; lessons have their own.
    static bool is_mark_of_external_link(const HtmlNode& element) {
        const auto* classes = element.find("class");
        return element.tag == "span" && classes &&
               (classes->find("ui-icon-extlink") != std::string::npos ||
                classes->find("external_link_icon") != std::string::npos ||
                (classes->find("screenreader-only") != std::string::npos &&
                 element.text.find("Links to an external site") != std::string::npos));
    }

    void tell(const std::vector<std::string>& all) {
        std::vector<std::string> elements;
        std::vector<std::string> scripts;
        for (const std::string& what : all) {
            if (what.starts_with("href ") || what.starts_with("src "))
                missing(fmt::format("the address \"{}\" is not allowed; its text stays",
                                    in_short(what.substr(what.find(' ') + 1))));
            else if (what.starts_with("more than "))
                report_.changed.push_back(fmt::format("{}: it has {} and came as plain text", file_, what));
            else if (what == "<script>" || what.starts_with("on"))
                scripts.push_back(what);
            else if (!what.starts_with('<'))
                page_.had_layout = true;
            else if (std::ranges::find(silent, std::string_view(what)) == silent.end())
                elements.push_back(what);
        }
        if (!scripts.empty())
            missing(fmt::format("scripts were left out ({})", in_short(joined(scripts))));
        if (!elements.empty())
            missing(fmt::format("left out: {}", in_short(joined(elements))));
    }

    static std::string joined(const std::vector<std::string>& all) {
        std::string text;
        for (const std::string& one : all)
            text += (text.empty() ? "" : ", ") + one;
        return text;
    }

    void missing(const std::string& what) { report_.missing.push_back(fmt::format("{}: {}", file_, what)); }

    const std::string& file_;
    const ImportWords& words_;
    ImportReport& report_;
    HtmlPage page_;
};

}  // namespace

HtmlPage read_html_page(std::string_view html, const std::string& file, const ImportWords& words,
                        ImportReport& report) {
    return PageReader(file, words, report).run(as_utf8(html));
}

}  // namespace calyptenora::platform
