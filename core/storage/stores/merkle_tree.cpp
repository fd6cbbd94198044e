#include "storage/stores/merkle_tree.hpp"

#include "storage/text.hpp"

#include <fmt/format.h>

#include <bit>

namespace calyptenora::storage {
namespace {

/// How many leaves stand left of the root: the greatest power of two below `size`.
std::uint64_t left_of(std::uint64_t size) {
    return std::bit_floor(size - 1);
}

/// Starts unlike a leaf, so that no node passes for one.
std::string make_node(std::string_view left, std::string_view right) {
    return make_content_hash(fmt::format("node {} {}", left, right));
}

std::optional<std::string> follow(std::string_view leaf, std::uint64_t index, std::uint64_t size,
                                  std::span<const std::string> path) {
    if (size == 1)
        return path.empty() ? std::optional(std::string(leaf)) : std::nullopt;
    if (path.empty())
        return std::nullopt;
    const auto left = left_of(size);
    const auto& sibling = path.back();
    const auto rest = path.first(path.size() - 1);
    const bool is_left = index < left;
    const auto below =
        is_left ? follow(leaf, index, left, rest) : follow(leaf, index - left, size - left, rest);
    if (!below)
        return std::nullopt;
    return is_left ? make_node(*below, sibling) : make_node(sibling, *below);
}

}  // namespace

std::string make_merkle_root(std::span<const std::string> leaves) {
    if (leaves.size() == 1)
        return leaves.front();
    const auto left = left_of(leaves.size());
    return make_node(make_merkle_root(leaves.first(left)), make_merkle_root(leaves.subspan(left)));
}

std::vector<std::string> make_merkle_path(std::span<const std::string> leaves, std::size_t index) {
    if (leaves.size() == 1)
        return {};
    const auto left = left_of(leaves.size());
    const bool is_left = index < left;
    auto path = is_left ? make_merkle_path(leaves.first(left), index)
                        : make_merkle_path(leaves.subspan(left), index - left);
    path.push_back(make_merkle_root(is_left ? leaves.subspan(left) : leaves.first(left)));
    return path;
}

std::optional<std::string> follow_merkle_path(std::string_view leaf, std::int64_t index, std::int64_t size,
                                              std::span<const std::string> path) {
    if (index < 0 || index >= size)
        return std::nullopt;
    return follow(leaf, static_cast<std::uint64_t>(index), static_cast<std::uint64_t>(size), path);
}

}  // namespace calyptenora::storage
