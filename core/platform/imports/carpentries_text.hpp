#pragma once

#include "platform/imports/carpentries_markdown.hpp"

#include <string>
#include <string_view>

namespace calyptenora::platform {

struct ConvertedText {
    std::string text;
    /// Liquid marks and attributes of layout that were left out.
    int dropped_liquid = 0;
    int dropped_attributes = 0;
};

/// Rewrites links, pictures, spans with attributes and Liquid marks of running text, which may span lines and
/// holds no code block; inline code is left alone. `line`: number of its first line.
ConvertedText convert_carpentries_text(std::string_view text, int line, CarpentriesPaths& paths);

/// As content of an element or an attribute.
std::string escaped_for_html(std::string_view text);

}  // namespace calyptenora::platform
