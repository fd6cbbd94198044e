#pragma once

#include <calyptenora/result.hpp>

#include <pugixml.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// XML from packages that anybody may have made, read by pugixml. It knows no document types: entities that a
/// file declares are never expanded, nothing outside the file is ever opened, and what a file costs is a few
/// times its own size, so that there is no bomb to defuse (libxml2 can do all of that, and has to be talked
/// out of each).
namespace calyptenora::platform {

/// The manifest of a course with 10,000 resources has 4 MiB.
inline constexpr std::uintmax_t max_xml_file = 32 * 1024 * 1024;
/// Deeper elements are not looked at by whoever walks a tree.
inline constexpr int max_xml_depth = 64;

/// The document; its root is `document_element()`. `invalid_input` names file and line.
Result<std::unique_ptr<pugi::xml_document>> load_xml_file(const std::filesystem::path& file);

/// The name without its prefix: prefixes are chosen by whoever wrote the file.
std::string_view local_name(const pugi::xml_node& node);
/// Children of this name, whatever their prefix; the first, or an empty node.
std::vector<pugi::xml_node> children_named(const pugi::xml_node& parent, std::string_view name);
pugi::xml_node child_named(const pugi::xml_node& parent, std::string_view name);
/// The first of this name below, at any depth.
pugi::xml_node find_below(const pugi::xml_node& parent, std::string_view name, int depth = max_xml_depth);
/// All text right inside, without white space around it; valid UTF-8.
std::string text_of(const pugi::xml_node& node);
/// The attribute's value, valid UTF-8; empty if there is none.
std::string attribute_of(const pugi::xml_node& node, std::string_view name);

}  // namespace calyptenora::platform
