#include "platform/courses/markdown.hpp"

#include "platform/courses/fences.hpp"
#include "platform/courses/formulas.hpp"

#include <md4c-html.h>

#include <stdexcept>

namespace calyptenora::platform {

AllowedHtml parse_markdown(std::string_view markdown) {
    const FormulaMarks formulas(markdown);
    const std::string& text = formulas.text();
    std::string html;
    const auto append = [](const MD_CHAR* part, MD_SIZE size, void* target) {
        static_cast<std::string*>(target)->append(part, size);
    };
    if (md_html(text.data(), MD_SIZE(text.size()), append, &html, MD_DIALECT_GITHUB, 0) != 0)
        throw std::runtime_error("md4c: out of memory");
    AllowedHtml parsed = parse_allowed_html(html);
    formulas.put_back(parsed.nodes);
    for (std::string& what : parsed.removed)
        what = formulas.plain(what);
    return parsed;
}

std::string find_link_definitions(std::string_view markdown) {
    std::string found;
    CodeFenceTracker code;
    while (!markdown.empty()) {
        const auto end = markdown.find('\n');
        const std::string_view line = markdown.substr(0, end);
        markdown.remove_prefix(end == std::string_view::npos ? markdown.size() : end + 1);
        const auto first = line.find_first_not_of(' ');
        const bool inside = code.is_code(line);
        if (inside || first == std::string_view::npos || first > 3 || line[first] != '[')
            continue;
        const auto close = line.find("]:", first);
        if (close == std::string_view::npos || close == first + 1 || line[first + 1] == '^')
            continue;
        found += line;
        found += '\n';
    }
    return found;
}

}  // namespace calyptenora::platform
