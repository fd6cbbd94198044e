#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace calyptenora::platform {

struct ImageSize {
    int width = 0;
    int height = 0;
    bool operator==(const ImageSize&) const = default;
};

/// The size of a PNG, JPEG, GIF, WebP or SVG in CSS pixels, from its first 64 KiB (a JPEG's first 1 MiB).
/// Nothing if the format is another, the header is broken, or a side is not between 1 and 20,000.
std::optional<ImageSize> find_image_size(std::string_view bytes);
std::optional<ImageSize> load_image_size(const std::filesystem::path& file);

}  // namespace calyptenora::platform
