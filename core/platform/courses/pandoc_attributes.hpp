#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// `{#id .class key="value" other='value'}`, as Pandoc writes it behind fences, images and links.
struct PandocAttributes {
    std::string id;
    std::vector<std::string> classes;
    std::map<std::string, std::string> values;
};

struct ParsedPandocAttributes {
    PandocAttributes attributes;
    /// Characters read, braces included.
    std::size_t length = 0;
};

/// Reads attributes at the start of `text`, which begins with `{`; values may run over several lines. A
/// backslash before punctuation is taken off. Nothing if it is no attribute list (then the text means
/// itself).
std::optional<ParsedPandocAttributes> parse_pandoc_attributes(std::string_view text);

}  // namespace calyptenora::platform
