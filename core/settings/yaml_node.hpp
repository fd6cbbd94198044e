#pragma once

#include "settings/problem.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// YAML text to a tree that knows where everything stands. Stricter than YAML itself: tabs in the
/// indentation, tags, duplicate keys, merge keys, several documents and control characters are problems;
/// scalars stay text (`no` is not a boolean).
namespace calyptenora::settings {

/// A node of the tree. An alias is the same node as its anchor, so the tree never grows beyond the file.
struct YamlNode {
    enum class Kind : std::uint8_t { null, scalar, list, mapping };
    struct Entry {
        std::string key;
        Position key_position;
        std::shared_ptr<const YamlNode> value;  ///< Never null.
    };

    Kind kind = Kind::null;
    Position position;
    std::string text;  ///< Of a scalar.
    std::vector<std::shared_ptr<const YamlNode>> items;
    std::vector<Entry> entries;       ///< In the order of the file.
    std::uint32_t expanded_size = 1;  ///< How many nodes a walk meets, aliases followed.
    std::uint32_t depth = 1;
};

/// Bounds that a file must keep; chosen far above what a person writes.
struct YamlLimits {
    std::size_t bytes = 1024 * 1024;
    std::uint32_t nodes = 50'000;  ///< After all aliases are followed.
    std::uint32_t depth = 40;
};

/// The tree, or null with at least one error in `problems`. Duplicate keys and tags are reported and the tree
/// still comes, so that the reader above can report the rest.
std::shared_ptr<const YamlNode> parse_yaml(std::string_view text, const std::string& file, Problems& problems,
                                           const YamlLimits& limits = {});

/// `parent.key`, or `parent["key"]` for a key that has a dot or is no plain word.
std::string join_key_path(const std::string& parent, std::string_view key);

}  // namespace calyptenora::settings
