#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Hash trees in the shape of RFC 9162, section 2.1 (Certificate Transparency), over leaves that are 64 hex
/// digits: one root commits to all leaves and their number, and a path of few hashes shows that a leaf is
/// among them. Pure.
namespace calyptenora::storage {

/// `leaves` is not empty.
std::string make_merkle_root(std::span<const std::string> leaves);

/// What must be hashed with the leaf at `index` to arrive at the root, from the leaf upwards.
std::vector<std::string> make_merkle_path(std::span<const std::string> leaves, std::size_t index);

/// The root of the tree of `size` leaves in which this path leads up from this leaf; nothing if a path at
/// that index of such a tree has another length.
std::optional<std::string> follow_merkle_path(std::string_view leaf, std::int64_t index, std::int64_t size,
                                              std::span<const std::string> path);

}  // namespace calyptenora::storage
