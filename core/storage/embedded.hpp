#pragma once

#include <span>
#include <string_view>
#include <utility>

/// Files of this folder that are compiled into the program (core/build/EmbedText.cmake).
namespace calyptenora::storage::embedded {

/// File name and contents.
using File = std::pair<std::string_view, std::string_view>;

std::span<const File> data_migration_files();
std::span<const File> key_migration_files();
std::span<const File> inventory_file();

}  // namespace calyptenora::storage::embedded
