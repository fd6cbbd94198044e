#pragma once

#include "platform/courses/safe_html.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTML written by authors of courses is not trusted: it is parsed by an HTML5 parser (gumbo), and only what
/// an allow-list names is kept. The kept tree is then written anew, so no byte of the author's markup reaches
/// a page. Elements outside the list are left out but their text stays; elements whose content is code,
/// style, foreign markup (SVG, MathML) or a template are left out with all they contain.
namespace calyptenora::platform {

struct HtmlNode {
    /// Lower case; empty for text.
    std::string tag;
    std::vector<std::pair<std::string, std::string>> attributes;
    /// Of a text node, entities resolved.
    std::string text;
    std::vector<HtmlNode> children;

    bool operator==(const HtmlNode&) const = default;
    bool is_text() const { return tag.empty(); }
    /// The attribute's value, or nullptr.
    const std::string* find(std::string_view name) const;
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    /// All text beneath, as a reader would get it; of a formula, its source.
    std::string plain_text() const;
};

struct AllowedHtml {
    std::vector<HtmlNode> nodes;
    /// What was left out, as "<script>", "onclick" or "href javascript:"; each once.
    std::vector<std::string> removed;
};

/// Deepest nesting that is kept, and most tags that are looked at in one piece.
inline constexpr int max_html_depth = 100;
inline constexpr std::size_t max_html_tags = 20'000;

/// Sees an element before the list does, with its attributes as the author wrote them, and its own text in
/// `text`; of an element that is left out whole, also what is inside. It may change name and attributes, and
/// replace the content: then it returns true and leaves the new one in `children`. What it makes of the
/// element meets the list like everything else.
using ElementRewriter = std::function<bool(HtmlNode& element)>;

/// Parses a fragment and keeps what authors may use. Never fails: nonsense becomes text or nothing.
/// Input with more than `max_html_tags` tags becomes plain text, because parsers recurse.
AllowedHtml parse_allowed_html(std::string_view html, const ElementRewriter& rewriter = {});

/// Writes a tree. Checks every element and attribute once more against the lists (authors', ours, and that of
/// formulas), so a
/// mistake in a transformation cannot open what the parser closed; what is not in the list is skipped.
SafeHtml write_html(const std::vector<HtmlNode>& nodes);

/// Where a link leads, as browsers would read it.
enum class LinkKind : unsigned char {
    refused,   ///< A scheme outside http, https, mailto, or something that browsers read in surprising ways.
    external,  ///< http, https or mailto.
    local,     ///< A path and/or a fragment within the course.
};
LinkKind classify_link(std::string_view url);

}  // namespace calyptenora::platform
