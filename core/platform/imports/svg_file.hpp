#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace calyptenora::platform {

bool is_svg(const std::filesystem::path& file);

/// What in a drawing could act or load something, in words ("a script"); nothing if it only draws. In a
/// lesson no browser runs it, but a file can be opened by itself, and saved and sent on.
std::optional<std::string> find_danger_in_svg(const std::filesystem::path& file);

}  // namespace calyptenora::platform
