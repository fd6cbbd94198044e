#include "platform/courses/html_allow_list.hpp"

#include "platform/courses/mathml.hpp"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <optional>

namespace calyptenora::platform {

namespace {

using namespace std::string_view_literals;

template <std::size_t N>
constexpr bool contains(const std::array<std::string_view, N>& list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

constexpr std::array author_elements{
    "a"sv,     "abbr"sv,    "b"sv,   "bdi"sv,   "bdo"sv,     "blockquote"sv, "br"sv,     "caption"sv,
    "cite"sv,  "code"sv,    "dd"sv,  "del"sv,   "details"sv, "dfn"sv,        "div"sv,    "dl"sv,
    "dt"sv,    "em"sv,      "h1"sv,  "h2"sv,    "h3"sv,      "h4"sv,         "h5"sv,     "h6"sv,
    "hr"sv,    "i"sv,       "img"sv, "ins"sv,   "kbd"sv,     "li"sv,         "mark"sv,   "ol"sv,
    "p"sv,     "pre"sv,     "q"sv,   "s"sv,     "samp"sv,    "small"sv,      "span"sv,   "strong"sv,
    "sub"sv,   "summary"sv, "sup"sv, "table"sv, "tbody"sv,   "td"sv,         "tfoot"sv,  "th"sv,
    "thead"sv, "tr"sv,      "u"sv,   "ul"sv,    "var"sv,     "wbr"sv,        "figure"sv, "figcaption"sv,
    "input"sv};

// Left out together with everything inside: what a parser reads as raw text, code or another language.
constexpr std::array dropped_whole{
    "script"sv,   "style"sv,    "iframe"sv,   "object"sv, "embed"sv, "applet"sv, "noscript"sv,  "noembed"sv,
    "noframes"sv, "frameset"sv, "template"sv, "svg"sv,    "math"sv,  "xmp"sv,    "plaintext"sv, "textarea"sv,
    "title"sv,    "select"sv,   "option"sv,   "audio"sv,  "video"sv, "canvas"sv, "head"sv,      "listing"sv};

constexpr std::array void_elements{"br"sv, "hr"sv, "img"sv, "input"sv, "wbr"sv};

bool is_ascii_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_number(std::string_view value) {
    return !value.empty() && value.size() <= 5 && std::all_of(value.begin(), value.end(), is_digit);
}

bool is_name(std::string_view value) {
    return !value.empty() && value.size() <= 100 &&
           std::all_of(value.begin(), value.end(), [](unsigned char c) {
               return is_ascii_alpha(char(c)) || is_digit(char(c)) || c == '-' || c == '_' || c == '.' ||
                      c == ':' || c >= 0x80;
           });
}

bool is_language(std::string_view value) {
    return !value.empty() && value.size() <= 35 && is_ascii_alpha(value.front()) &&
           std::all_of(value.begin(), value.end(),
                       [](char c) { return is_ascii_alpha(c) || is_digit(c) || c == '-'; });
}

bool is_language_class(std::string_view value) {
    constexpr auto prefix = "language-"sv;
    return value.starts_with(prefix) && value.size() > prefix.size() && value.size() <= 40 &&
           std::all_of(value.begin() + prefix.size(), value.end(), [](char c) {
               return is_ascii_alpha(c) || is_digit(c) || c == '-' || c == '+' || c == '#' || c == '_';
           });
}

bool is_author_attribute(std::string_view tag, std::string_view name, std::string_view value) {
    if (name == "id")
        return is_name(value);
    if (name == "title")
        return true;
    if (name == "lang")
        return is_language(value);
    if (name == "dir")
        return value == "ltr" || value == "rtl" || value == "auto";
    if (name == "class")
        return (tag == "code" && is_language_class(value)) || (tag == "li" && value == "task-list-item") ||
               (tag == "input" && value == "task-list-item-checkbox");
    if (tag == "a" && name == "href")
        return classify_link(value) != LinkKind::refused;
    if (tag == "img")
        return name == "alt" || (name == "src" && classify_link(value) != LinkKind::refused) ||
               ((name == "width" || name == "height") && is_number(value));
    if (tag == "td" || tag == "th") {
        if (name == "align")
            return value == "left" || value == "center" || value == "right";
        if (name == "colspan" || name == "rowspan")
            return is_number(value);
        return tag == "th" && name == "scope" && (value == "row" || value == "col");
    }
    if (tag == "ol")
        return (name == "start" && is_number(value)) || (name == "reversed" && value.empty());
    if (tag == "details")
        return name == "open" && value.empty();
    if (tag == "input")
        return (name == "type" && value == "checkbox") ||
               ((name == "disabled" || name == "checked") && value.empty());
    return false;
}

bool is_class(std::string_view name, std::string_view value) {
    return name == "class" && std::all_of(value.begin(), value.end(), [](char c) {
               return is_ascii_alpha(c) || is_digit(c) || c == '-' || c == ' ' || c == '+' || c == '#' ||
                      c == '_';
           });
}

// What the renderer adds itself; authors' HTML cannot carry these.
bool is_own_attribute(std::string_view tag, std::string_view name, std::string_view value) {
    if (is_class(name, value))
        return true;
    if (name == "tabindex")
        return value == "0";
    if (tag == "a")
        return (name == "rel" && value == "noopener external") || (name == "download" && value.empty());
    if (tag == "img")
        return (name == "loading" && value == "lazy") || (name == "decoding" && value == "async");
    if (tag == "span")
        return (name == "role" && value == "img") || name == "aria-label";
    if (tag == "input")
        return name == "aria-label";
    return false;
}

std::string_view tag_name(const GumboElement& element, std::string& buffer) {
    if (element.tag != GUMBO_TAG_UNKNOWN)
        return gumbo_normalized_tagname(element.tag);
    GumboStringPiece original = element.original_tag;
    gumbo_tag_from_original_text(&original);
    buffer.assign(original.data ? original.data : "", original.data ? original.length : 0);
    for (char& c : buffer)
        c = is_ascii_alpha(c) ? char(c | 0x20) : c;
    return buffer;
}

constexpr int max_shown_depth = 8;

// An element as it was written, for a rewriter; with what is inside it down to a few levels.
HtmlNode as_written(const GumboElement& from, int depth) {
    std::string buffer;
    HtmlNode element{
        .tag = std::string(tag_name(from, buffer)), .attributes = {}, .text = {}, .children = {}};
    for (unsigned i = 0; i < from.attributes.length; ++i) {
        const auto& attribute = *static_cast<const GumboAttribute*>(from.attributes.data[i]);
        if (attribute.attr_namespace == GUMBO_ATTR_NAMESPACE_NONE)
            element.attributes.emplace_back(attribute.name, attribute.value);
    }
    for (unsigned i = 0; i < from.children.length; ++i) {
        const auto& child = *static_cast<const GumboNode*>(from.children.data[i]);
        if (child.type == GUMBO_NODE_TEXT || child.type == GUMBO_NODE_WHITESPACE ||
            child.type == GUMBO_NODE_CDATA)
            element.text += child.v.text.text;
        else if (child.type == GUMBO_NODE_ELEMENT && depth > 0)
            element.children.push_back(as_written(child.v.element, depth - 1));
    }
    return element;
}

class Keeper {
  public:
    Keeper(AllowedHtml& result, const ElementRewriter& rewriter) : result_(result), rewriter_(rewriter) {}

    void children(const GumboVector& from, std::vector<HtmlNode>& to, int depth) {
        for (unsigned i = 0; i < from.length; ++i)
            node(*static_cast<const GumboNode*>(from.data[i]), to, depth);
    }

  private:
    void node(const GumboNode& from, std::vector<HtmlNode>& to, int depth) {
        switch (from.type) {
            case GUMBO_NODE_TEXT:
            case GUMBO_NODE_WHITESPACE:
                to.push_back({.tag = {}, .attributes = {}, .text = from.v.text.text, .children = {}});
                break;
            case GUMBO_NODE_ELEMENT:
                element(from.v.element, to, depth);
                break;
            case GUMBO_NODE_TEMPLATE:
                removed("<template>");
                break;
            case GUMBO_NODE_DOCUMENT:
            case GUMBO_NODE_CDATA:
            case GUMBO_NODE_COMMENT:
                break;
        }
    }

    void element(const GumboElement& from, std::vector<HtmlNode>& to, int depth) {
        std::string buffer;
        const std::string_view written = tag_name(from, buffer);
        const bool foreign = from.tag_namespace != GUMBO_NAMESPACE_HTML;
        const bool dropped = foreign || contains(dropped_whole, written);
        if (depth > max_html_depth)
            return removed("<" + std::string(written) + ">");
        HtmlNode seen = as_written(from, rewriter_ && dropped ? max_shown_depth : 0);
        const bool replaced = rewriter_ && rewriter_(seen);
        seen.text.clear();
        // Only with a content of its own does a name from the list make something of foreign markup.
        if ((dropped && !replaced) || contains(dropped_whole, std::string_view(seen.tag)))
            return removed("<" + std::string(written) + ">");
        if (replaced)
            return rewritten(std::move(seen), to, depth);
        if (!contains(author_elements, std::string_view(seen.tag))) {
            if (!seen.tag.empty())
                removed("<" + seen.tag + ">");
            children(from.children, to, depth + 1);
            return;
        }
        auto kept = allowed(seen);
        if (!kept)
            return;
        children(from.children, kept->children, depth + 1);
        to.push_back(std::move(*kept));
    }

    // What a rewriter has put in place meets the list, too.
    void rewritten(HtmlNode node, std::vector<HtmlNode>& to, int depth) {
        if (depth > max_html_depth)
            return;
        if (node.is_text() && node.children.empty()) {
            to.push_back(std::move(node));
            return;
        }
        std::optional<HtmlNode> kept;
        if (contains(author_elements, std::string_view(node.tag)) && !(kept = allowed(node)))
            return;
        for (HtmlNode& child : node.children)
            rewritten(std::move(child), kept ? kept->children : to, depth + 1);
        if (kept)
            to.push_back(std::move(*kept));
    }

    // The element without children, with the attributes that it may have; nothing if it makes no sense so.
    std::optional<HtmlNode> allowed(const HtmlNode& from) {
        HtmlNode kept{.tag = from.tag, .attributes = {}, .text = {}, .children = {}};
        for (const auto& [name, value] : from.attributes) {
            if (is_author_attribute(kept.tag, name, value))
                kept.attributes.emplace_back(name, value);
            else
                removed(name == "href" || name == "src" ? name + " " + value : name);
        }
        if ((kept.tag == "input" && !complete_checkbox(kept)) || (kept.tag == "img" && !kept.find("src"))) {
            removed("<" + kept.tag + ">");
            return std::nullopt;
        }
        return kept;
    }

    // A task list's box; any other form control could pose as one of the platform's.
    static bool complete_checkbox(const HtmlNode& node) { return node.find("type") && node.find("disabled"); }

    void removed(std::string what) {
        if (std::find(result_.removed.begin(), result_.removed.end(), what) == result_.removed.end())
            result_.removed.push_back(std::move(what));
    }

    AllowedHtml& result_;
    const ElementRewriter& rewriter_;
};

std::size_t count_tags(std::string_view html) {
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < html.size(); ++i)
        count += html[i] == '<' && is_ascii_alpha(html[i + 1]);
    return count;
}

void write_escaped(std::string_view plain, std::string& out) {
    for (char c : plain) {
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
            case '\0':
                break;
            default:
                out += c;
        }
    }
}

void write(const HtmlNode& node, int depth, std::string& out) {
    if (node.is_text())
        return write_escaped(node.text, out);
    const bool is_math = is_math_element(node.tag);
    if ((!contains(author_elements, node.tag) && !is_math) || depth > 2 * max_html_depth)
        return;
    out += '<';
    out += node.tag;
    for (const auto& [name, value] : node.attributes) {
        const bool known =
            is_math ? is_math_attribute(node.tag, name, value) || is_class(name, value)
                    : is_author_attribute(node.tag, name, value) || is_own_attribute(node.tag, name, value);
        if (!known)
            continue;
        // A picture of another origin would tell that origin who is reading.
        if (name == "src" && classify_link(value) != LinkKind::local)
            continue;
        out += ' ';
        out += name;
        out += "=\"";
        write_escaped(value, out);
        out += '"';
    }
    out += '>';
    if (contains(void_elements, node.tag))
        return;
    // The parser swallows one newline after <pre>.
    if (node.tag == "pre" && node.plain_text().starts_with('\n'))
        out += '\n';
    for (const HtmlNode& child : node.children)
        write(child, depth + 1, out);
    out += "</";
    out += node.tag;
    out += '>';
}

}  // namespace

SafeHtml& SafeHtml::text(std::string_view plain) {
    write_escaped(plain, html_);
    return *this;
}

SafeHtml SafeHtml::with_content(const SafeHtml& inside) const {
    SafeHtml result;
    const auto middle = html_.rfind("</");
    result.html_ = html_.substr(0, middle);
    result.html_ += inside.html_;
    if (middle != std::string::npos)
        result.html_ += html_.substr(middle);
    return result;
}

const std::string* HtmlNode::find(std::string_view name) const {
    const auto found =
        std::find_if(attributes.begin(), attributes.end(), [&](auto& a) { return a.first == name; });
    return found == attributes.end() ? nullptr : &found->second;
}

void HtmlNode::set(std::string_view name, std::string value) {
    const auto found =
        std::find_if(attributes.begin(), attributes.end(), [&](auto& a) { return a.first == name; });
    if (found == attributes.end())
        attributes.emplace_back(name, std::move(value));
    else
        found->second = std::move(value);
}

void HtmlNode::remove(std::string_view name) {
    std::erase_if(attributes, [&](auto& a) { return a.first == name; });
}

std::string HtmlNode::plain_text() const {
    // The parts of a formula in a row say nothing.
    if (const std::string* source = tag == "math" ? find("alttext") : nullptr)
        return *source;
    std::string all = text;
    for (const HtmlNode& child : children)
        all += child.plain_text();
    return all;
}

LinkKind classify_link(std::string_view url) {
    // Browsers strip leading controls and spaces, and drop tabs and newlines anywhere; nobody needs them.
    if (url.empty() || url.size() > 2000 || static_cast<unsigned char>(url.front()) <= ' ')
        return LinkKind::refused;
    if (std::any_of(url.begin(), url.end(),
                    [](unsigned char c) { return c < ' ' || c == '\\' || c == 0x7f; }))
        return LinkKind::refused;
    if (url.starts_with("//"))
        return LinkKind::refused;
    const auto end = url.find_first_of(":/?#");
    if (end == std::string_view::npos || url[end] != ':')
        return LinkKind::local;
    std::string scheme(url.substr(0, end));
    for (char& c : scheme)
        c = is_ascii_alpha(c) ? char(c | 0x20) : c;
    if (scheme == "mailto")
        return LinkKind::external;
    if (scheme == "http" || scheme == "https")
        return url.substr(end + 1).starts_with("//") ? LinkKind::external : LinkKind::refused;
    return LinkKind::refused;
}

AllowedHtml parse_allowed_html(std::string_view html, const ElementRewriter& rewriter) {
    AllowedHtml result;
    if (count_tags(html) > max_html_tags) {
        result.removed.push_back("more than " + std::to_string(max_html_tags) + " tags");
        result.nodes.push_back({.tag = {}, .attributes = {}, .text = std::string(html), .children = {}});
        return result;
    }
    GumboOptions options = kGumboDefaultOptions;
    options.fragment_context = GUMBO_TAG_DIV;
    options.fragment_namespace = GUMBO_NAMESPACE_HTML;
    options.max_errors = 0;
    GumboOutput* output = gumbo_parse_with_options(&options, html.data(), html.size());
    Keeper(result, rewriter).children(output->root->v.element.children, result.nodes, 0);
    gumbo_destroy_output(&options, output);
    return result;
}

SafeHtml write_html(const std::vector<HtmlNode>& nodes) {
    SafeHtml result;
    for (const HtmlNode& node : nodes)
        write(node, 0, result.html_);
    return result;
}

}  // namespace calyptenora::platform
