#include "platform/imports/svg_file.hpp"

#include "platform/imports/xml_file.hpp"

#include <fmt/format.h>

#include <fstream>

namespace calyptenora::platform {

namespace {

std::string without_white_space(std::string_view text) {
    std::string plain;
    for (const char c : text)
        if (static_cast<unsigned char>(c) > ' ')
            plain += c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
    return plain;
}

bool loads_from_elsewhere(std::string_view css) {
    const std::string plain = without_white_space(css);
    // A backslash can spell any of the words below; drawings have no use for one.
    if (plain.find('\\') != std::string::npos || plain.find("@import") != std::string::npos ||
        plain.find("expression(") != std::string::npos || plain.find("javascript:") != std::string::npos)
        return true;
    for (auto at = plain.find("url("); at != std::string::npos; at = plain.find("url(", at + 4)) {
        const auto begin = plain.find_first_not_of("'\"", at + 4);
        if (begin == std::string::npos || plain[begin] != '#')
            return true;
    }
    return false;
}

std::optional<std::string> find_danger(const pugi::xml_node& node, int depth) {
    if (depth > max_xml_depth)
        return "elements nested too deeply";
    const std::string name = without_white_space(local_name(node));
    for (const char* active : {"script", "foreignobject", "iframe", "embed", "object", "audio", "video",
                               "handler", "listener", "set", "animate", "link", "base", "meta"})
        if (name == active)
            return fmt::format("<{}>", active);
    if (name == "style" && loads_from_elsewhere(text_of(node)))
        return "a style that loads something";
    for (const pugi::xml_attribute& attribute : node.attributes()) {
        const std::string_view full = attribute.name();
        const std::string key = without_white_space(full.substr(full.find(':') + 1));
        const std::string value = without_white_space(attribute.value());
        if (key.starts_with("on"))
            return fmt::format("the handler {}", key);
        // Pictures that stand in the drawing itself load nothing.
        const bool inside = value.starts_with('#') || value.starts_with("data:image/png") ||
                            value.starts_with("data:image/jpeg") || value.starts_with("data:image/gif");
        if ((key == "href" || key == "src") && !inside)
            return fmt::format("an address ({})", value.substr(0, 60));
        if (!full.starts_with("xmlns") && loads_from_elsewhere(value))
            return fmt::format("something to load in {}", key);
    }
    for (const pugi::xml_node& child : node.children())
        if (auto danger = find_danger(child, depth + 1))
            return danger;
    return std::nullopt;
}

}  // namespace

bool is_svg(const std::filesystem::path& file) {
    return without_white_space(file.extension().string()) == ".svg";
}

std::optional<std::string> find_danger_in_svg(const std::filesystem::path& file) {
    const auto document = load_xml_file(file);
    if (!document)
        return "no readable XML";
    // The parser passes over these; a browser would put in what an entity stands for.
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (text.find("<!ENTITY") != std::string::npos || text.find("<?xml-stylesheet") != std::string::npos)
        return "entities or a style sheet of its own";
    if (local_name((*document)->document_element()) != "svg")
        return "something else than a drawing";
    return find_danger((*document)->document_element(), 0);
}

}  // namespace calyptenora::platform
