#pragma once

#include <libxml/HTMLparser.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace calyptenora::platform::test {

/// Whose markup is looked at: authors may use less than the renderer adds (classes, for instance).
enum class Markup { authors, renderers };

/// What could do harm, as another parser (libxml2) sees it: active elements, handlers, styles, foreign
/// origins, odd schemes.
inline std::vector<std::string> find_dangers(const std::string& html, Markup markup = Markup::authors) {
    std::vector<std::string> found;
    const htmlDocPtr document =
        htmlReadMemory(html.data(), int(html.size()), "http://here/", "UTF-8",
                       HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    std::set<std::string> harmless{
        "html",  "body",  "a",      "abbr", "b",       "bdi", "bdo",   "blockquote", "br",        "caption",
        "cite",  "code",  "dd",     "del",  "details", "dfn", "div",   "dl",         "dt",        "em",
        "h1",    "h2",    "h3",     "h4",   "h5",      "h6",  "hr",    "i",          "img",       "input",
        "ins",   "kbd",   "li",     "mark", "ol",      "p",   "pre",   "q",          "s",         "samp",
        "small", "span",  "strong", "sub",  "summary", "sup", "table", "tbody",      "td",        "tfoot",
        "th",    "thead", "tr",     "u",    "ul",      "var", "wbr",   "figure",     "figcaption"};
    if (markup == Markup::renderers)
        harmless.insert({"math",  "mrow",  "mi",    "mn",     "mo",     "mtext",     "mspace",
                         "mfrac", "msqrt", "mroot", "msub",   "msup",   "msubsup",   "munder",
                         "mover", "mtr",   "mtd",   "mtable", "mstyle", "munderover"});
    std::set<std::string> harmless_attributes{
        "href", "title", "src",     "alt",     "id",    "lang",  "dir",    "class", "start",    "reversed",
        "open", "scope", "colspan", "rowspan", "align", "width", "height", "type",  "disabled", "checked"};
    if (markup == Markup::renderers)
        harmless_attributes.insert({"rel",      "download",      "loading",     "decoding",
                                    "tabindex", "role",          "aria-label",  "display",
                                    "alttext",  "displaystyle",  "scriptlevel", "mathvariant",
                                    "stretchy", "lspace",        "rspace",      "minsize",
                                    "maxsize",  "linethickness", "accent",      "accentunder"});
    const std::function<void(xmlNodePtr)> visit = [&](xmlNodePtr node) {
        for (; node; node = node->next) {
            if (node->type == XML_ELEMENT_NODE) {
                const std::string tag = reinterpret_cast<const char*>(node->name);
                if (!harmless.contains(tag))
                    found.push_back("<" + tag + ">");
                for (xmlAttrPtr attribute = node->properties; attribute; attribute = attribute->next) {
                    const std::string name = reinterpret_cast<const char*>(attribute->name);
                    xmlChar* content = xmlNodeGetContent(reinterpret_cast<xmlNodePtr>(attribute));
                    const std::string value = content ? reinterpret_cast<const char*>(content) : "";
                    xmlFree(content);
                    const bool address = name == "href" || name == "src";
                    const bool web = value.starts_with("https://") || value.starts_with("http://");
                    const bool safe =
                        (name == "href" && (web || value.starts_with("mailto:"))) ||
                        (value.substr(0, value.find_first_of("/?#")).find(':') == std::string::npos &&
                         !value.starts_with("//") && value.find('\\') == std::string::npos);
                    if (!harmless_attributes.contains(name) || attribute->ns || (address && !safe) ||
                        (name == "class" && markup == Markup::authors && !value.starts_with("language-") &&
                         !value.starts_with("task-list-item")))
                        found.push_back(name + "=" + value);
                }
            } else if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE ||
                       node->type == XML_CDATA_SECTION_NODE) {
                found.push_back("no element or text");
            }
            visit(node->children);
        }
    };
    if (document) {
        visit(document->children && document->children->type == XML_DTD_NODE ? document->children->next
                                                                             : document->children);
        xmlFreeDoc(document);
    }
    return found;
}

}  // namespace calyptenora::platform::test
