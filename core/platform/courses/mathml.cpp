#include "platform/courses/mathml.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace calyptenora::platform {

namespace {

using namespace std::string_view_literals;

constexpr std::array elements{"math"sv,   "mfrac"sv, "mi"sv,      "mn"sv,     "mo"sv,
                              "mover"sv,  "mroot"sv, "mrow"sv,    "mspace"sv, "msqrt"sv,
                              "mstyle"sv, "msub"sv,  "msubsup"sv, "msup"sv,   "mtable"sv,
                              "mtd"sv,    "mtext"sv, "mtr"sv,     "munder"sv, "munderover"sv};

constexpr int max_depth = 80;

template <std::size_t N>
constexpr bool contains(const std::array<std::string_view, N>& list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool is_truth(std::string_view value) {
    return value == "true" || value == "false";
}

// "0.278em", "-0.167em", "0".
bool is_length(std::string_view value) {
    if (value.starts_with('-'))
        value.remove_prefix(1);
    for (std::string_view unit : {"em", "ex", "px"})
        if (value.ends_with(unit))
            value.remove_suffix(unit.size());
    return !value.empty() && value.size() <= 8 && std::count(value.begin(), value.end(), '.') <= 1 &&
           std::all_of(value.begin(), value.end(),
                       [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) &&
           value != ".";
}

bool is_level(std::string_view value) {
    if (value.starts_with('+') || value.starts_with('-'))
        value.remove_prefix(1);
    return value.size() == 1 && value.front() >= '0' && value.front() <= '9';
}

/// Where Unicode has an alphabet: its capital A, small a, digit 0, capital alpha, small alpha; 0: none.
struct Alphabet {
    std::string_view name;
    char32_t capital;
    char32_t small;
    char32_t digit;
    char32_t greek_capital;
    char32_t greek_small;
};

constexpr Alphabet alphabets[] = {
    {"bold", 0x1d400, 0x1d41a, 0x1d7ce, 0x1d6a8, 0x1d6c2},
    {"italic", 0x1d434, 0x1d44e, 0, 0x1d6e2, 0x1d6fc},
    {"bold-italic", 0x1d468, 0x1d482, 0x1d7ce, 0x1d71c, 0x1d736},
    {"script", 0x1d49c, 0x1d4b6, 0, 0, 0},
    {"bold-script", 0x1d4d0, 0x1d4ea, 0, 0, 0},
    {"fraktur", 0x1d504, 0x1d51e, 0, 0, 0},
    {"bold-fraktur", 0x1d56c, 0x1d586, 0, 0, 0},
    {"double-struck", 0x1d538, 0x1d552, 0x1d7d8, 0, 0},
    {"sans-serif", 0x1d5a0, 0x1d5ba, 0x1d7e2, 0, 0},
    {"bold-sans-serif", 0x1d5d4, 0x1d5ee, 0x1d7ec, 0x1d756, 0x1d770},
    {"sans-serif-italic", 0x1d608, 0x1d622, 0, 0, 0},
    {"sans-serif-bold-italic", 0x1d63c, 0x1d656, 0, 0x1d790, 0x1d7aa},
    {"monospace", 0x1d670, 0x1d68a, 0x1d7f6, 0, 0},
};

// Letters that had a place before the alphabets were added; theirs is empty.
constexpr std::pair<char32_t, char32_t> older_places[] = {
    {0x1d455, 0x210e}, {0x1d49d, 0x212c}, {0x1d4a0, 0x2130}, {0x1d4a1, 0x2131}, {0x1d4a3, 0x210b},
    {0x1d4a4, 0x2110}, {0x1d4a7, 0x2112}, {0x1d4a8, 0x2133}, {0x1d4ad, 0x211b}, {0x1d4ba, 0x212f},
    {0x1d4bc, 0x210a}, {0x1d4c4, 0x2134}, {0x1d506, 0x212d}, {0x1d50b, 0x210c}, {0x1d50c, 0x2111},
    {0x1d515, 0x211c}, {0x1d51d, 0x2128}, {0x1d53a, 0x2102}, {0x1d53f, 0x210d}, {0x1d545, 0x2115},
    {0x1d547, 0x2119}, {0x1d548, 0x211a}, {0x1d549, 0x211d}, {0x1d551, 0x2124}};

char32_t styled(char32_t c, const Alphabet& alphabet) {
    const auto in = [c](char32_t first, char32_t last, char32_t base) -> char32_t {
        return base != 0 && c >= first && c <= last ? base + (c - first) : 0;
    };
    char32_t found = in('A', 'Z', alphabet.capital);
    found = found ? found : in('a', 'z', alphabet.small);
    found = found ? found : in('0', '9', alphabet.digit);
    found = found ? found : in(0x391, 0x3a9, alphabet.greek_capital);
    found = found ? found : in(0x3b1, 0x3c9, alphabet.greek_small);
    for (const auto& [empty, place] : older_places)
        if (found == empty)
            return place;
    return found ? found : c;
}

void append_utf8(char32_t c, std::string& out) {
    if (c < 0x80) {
        out += char(c);
    } else if (c < 0x800) {
        out += char(0xc0 | (c >> 6));
        out += char(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += char(0xe0 | (c >> 12));
        out += char(0x80 | ((c >> 6) & 0x3f));
        out += char(0x80 | (c & 0x3f));
    } else {
        out += char(0xf0 | (c >> 18));
        out += char(0x80 | ((c >> 12) & 0x3f));
        out += char(0x80 | ((c >> 6) & 0x3f));
        out += char(0x80 | (c & 0x3f));
    }
}

// Only letters of one and two bytes have such twins; the rest is copied.
std::string in_alphabet(std::string_view text, const Alphabet& alphabet) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            append_utf8(styled(byte, alphabet), out);
        } else if ((byte & 0xe0) == 0xc0 && i + 1 < text.size()) {
            const auto next = static_cast<unsigned char>(text[++i]);
            append_utf8(styled(char32_t(byte & 0x1f) << 6 | (next & 0x3f), alphabet), out);
        } else {
            out += text[i];
        }
    }
    return out;
}

// Words in a formula stay words: their letters keep their characters and get a style.
std::string_view text_class(std::string_view variant) {
    if (variant.find("monospace") != std::string_view::npos)
        return "formula-mono";
    if (variant.find("sans-serif") != std::string_view::npos)
        return "formula-sans";
    if (variant.find("bold") != std::string_view::npos)
        return "formula-bold";
    return variant.find("italic") != std::string_view::npos ? "formula-italic" : "";
}

class Reader {
  public:
    Result<HtmlNode> run(const pugi::xml_node& root) {
        HtmlNode node;
        if (auto read = element(root, node, 0); !read)
            return read.error();
        return node;
    }

  private:
    Status element(const pugi::xml_node& from, HtmlNode& to, int depth) {
        to.tag = from.name();
        if (!is_math_element(to.tag) || (depth > 0 && to.tag == "math"))
            return Error(ErrorKind::invalid_input, fmt::format("<{}> is not allowed in a formula", to.tag));
        if (depth > max_depth)
            return Error(ErrorKind::invalid_input, "it is nested too deeply");
        std::string_view variant;
        for (const pugi::xml_attribute& attribute : from.attributes()) {
            if (std::strcmp(attribute.name(), "mathvariant") == 0)
                variant = attribute.value();
            if (is_math_attribute(to.tag, attribute.name(), attribute.value()))
                to.set(attribute.name(), attribute.value());
        }
        for (const pugi::xml_node& child : from.children()) {
            if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
                to.children.push_back({.tag = {}, .attributes = {}, .text = child.value(), .children = {}});
            } else if (child.type() == pugi::node_element) {
                to.children.emplace_back();
                if (auto read = element(child, to.children.back(), depth + 1); !read)
                    return read;
            }
        }
        apply_variant(variant, to);
        apply_accent(from, to);
        if (to.tag == "mtable")
            apply_alignment(from.attribute("columnalign").value(), to);
        return {};
    }

    static void apply_variant(std::string_view variant, HtmlNode& node) {
        if (variant.empty() || variant == "normal")
            return;
        if (node.tag != "mi" && node.tag != "mn") {
            if (const auto name = text_class(variant); !name.empty())
                node.set("class", std::string(name));
            return;
        }
        const auto alphabet =
            std::ranges::find_if(alphabets, [&](const Alphabet& known) { return known.name == variant; });
        if (alphabet == std::end(alphabets))
            return;
        for (HtmlNode& child : node.children)
            child.text = in_alphabet(child.text, *alphabet);
    }

    // Whether a sign above is an accent says what carries it, not the sign.
    static void apply_accent(const pugi::xml_node& from, HtmlNode& node) {
        const bool over = node.tag == "mover" || node.tag == "munderover";
        if (over && from.last_child().attribute("accent").as_bool())
            node.set("accent", "true");
        if (node.tag == "munder" && from.last_child().attribute("accent").as_bool())
            node.set("accentunder", "true");
    }

    // "right left": the last word holds for the columns that follow.
    static void apply_alignment(std::string_view columns, HtmlNode& table) {
        std::vector<std::string> classes;
        while (!columns.empty()) {
            const auto end = std::min(columns.find(' '), columns.size());
            const std::string_view word = columns.substr(0, end);
            if (!word.empty())
                classes.push_back(word == "left" || word == "right" ? fmt::format("formula-{}", word) : "");
            columns.remove_prefix(std::min(end + 1, columns.size()));
        }
        if (classes.empty())
            return;
        for (HtmlNode& row : table.children)
            for (std::size_t i = 0; i < row.children.size(); ++i)
                if (const auto& name = classes[std::min(i, classes.size() - 1)]; !name.empty())
                    row.children[i].set("class", name);
    }
};

}  // namespace

bool is_math_element(std::string_view tag) {
    return contains(elements, tag);
}

bool is_math_attribute(std::string_view tag, std::string_view name, std::string_view value) {
    if (!is_math_element(tag))
        return false;
    if (name == "displaystyle")
        return is_truth(value);
    if (name == "scriptlevel")
        return is_level(value);
    if (tag == "math")
        return name == "alttext" || (name == "display" && value == "block");
    if (tag == "mi")
        return name == "mathvariant" && value == "normal";
    if (tag == "mo")
        return ((name == "stretchy" || name == "symmetric" || name == "largeop" || name == "movablelimits") &&
                is_truth(value)) ||
               ((name == "lspace" || name == "rspace" || name == "minsize" || name == "maxsize") &&
                is_length(value));
    if (tag == "mspace")
        return (name == "width" || name == "height" || name == "depth") && is_length(value);
    if (tag == "mfrac")
        return name == "linethickness" && is_length(value);
    if (tag == "mover" || tag == "munderover" || tag == "munder")
        return (name == "accent" || name == "accentunder") && is_truth(value);
    return false;
}

Result<HtmlNode> parse_mathml(std::string_view xml) {
    pugi::xml_document document;
    // Without what names entities or other files: a DOCTYPE stays unread.
    const auto parsed = document.load_buffer(xml.data(), xml.size(),
                                             pugi::parse_minimal | pugi::parse_escapes | pugi::parse_cdata,
                                             pugi::encoding_utf8);
    const pugi::xml_node root = document.document_element();
    if (!parsed || std::strcmp(root.name(), "math") != 0)
        return Error(ErrorKind::invalid_input, "it did not become a formula");
    return Reader().run(root);
}

}  // namespace calyptenora::platform
