#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace calyptenora::platform::embedded {

/// The platform's tokens and export.css (core/build/EmbedText.cmake): file name and contents.
std::span<const std::pair<std::string_view, std::string_view>> export_styles();

}  // namespace calyptenora::platform::embedded
