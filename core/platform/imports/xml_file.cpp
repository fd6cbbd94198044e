#include "platform/imports/xml_file.hpp"

#include "platform/imports/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace calyptenora::platform {

namespace fs = std::filesystem;

Result<std::unique_ptr<pugi::xml_document>> load_xml_file(const fs::path& file) {
    std::error_code failure;
    const auto size = fs::file_size(file, failure);
    if (failure)
        return Error(ErrorKind::invalid_input,
                     fmt::format("{} cannot be read: {}", file.string(), failure.message()));
    if (size > max_xml_file)
        return Error(ErrorKind::invalid_input,
                     fmt::format("{} has more than {} MiB", file.string(), max_xml_file / 1024 / 1024));
    std::string bytes(std::size_t(size), '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.read(bytes.data(), std::streamsize(size));
    auto document = std::make_unique<pugi::xml_document>();
    const auto parsed = document->load_buffer(bytes.data(), bytes.size());
    if (!parsed) {
        const auto end = bytes.begin() + std::min(std::ptrdiff_t(bytes.size()), parsed.offset);
        return Error(ErrorKind::invalid_input,
                     fmt::format("{}:{}: this is no XML ({})", file.string(),
                                 1 + std::count(bytes.begin(), end, '\n'), parsed.description()));
    }
    return document;
}

std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::vector<pugi::xml_node> children_named(const pugi::xml_node& parent, std::string_view name) {
    std::vector<pugi::xml_node> found;
    for (const pugi::xml_node& child : parent.children())
        if (local_name(child) == name)
            found.push_back(child);
    return found;
}

pugi::xml_node child_named(const pugi::xml_node& parent, std::string_view name) {
    for (const pugi::xml_node& child : parent.children())
        if (local_name(child) == name)
            return child;
    return {};
}

pugi::xml_node find_below(const pugi::xml_node& parent, std::string_view name, int depth) {
    for (const pugi::xml_node& child : parent.children()) {
        if (local_name(child) == name)
            return child;
        if (depth > 0)
            if (const auto found = find_below(child, name, depth - 1))
                return found;
    }
    return {};
}

std::string text_of(const pugi::xml_node& node) {
    std::string all;
    for (const pugi::xml_node& child : node.children())
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
            all += child.value();
    return std::string(trimmed(as_utf8(all)));
}

std::string attribute_of(const pugi::xml_node& node, std::string_view name) {
    for (const pugi::xml_attribute& attribute : node.attributes()) {
        std::string_view own = attribute.name();
        if (const auto colon = own.find(':'); colon != std::string_view::npos)
            own.remove_prefix(colon + 1);
        if (own == name)
            return as_utf8(attribute.value());
    }
    return {};
}

}  // namespace calyptenora::platform
