#pragma once

#include "platform/imports/course_assembly.hpp"
#include "platform/imports/import_report.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>

namespace calyptenora::platform {

/// True if the folder is an unpacked IMS Common Cartridge: it holds an imsmanifest.xml.
bool is_cartridge(const std::filesystem::path& source);

/// Imports an IMS Common Cartridge (1.0 to 1.3, https://www.imsglobal.org/cc/), unpacked, as an ordinary
/// course folder. Items of its organisation become modules and lessons: pages, web links, discussion topics
/// and assignments as text, other files as links to download. Pages that only links lead to come in a module
/// of their own. Quizzes, external tools and whatever else cannot come is named in the report.
///
/// The target must not exist; after an error it is the caller's to remove. `invalid_input` if the manifest
/// cannot be read or holds nothing that can become a lesson.
Result<ImportReport> import_cartridge(const std::filesystem::path& source,
                                      const std::filesystem::path& target, const CourseWishes& wishes);

}  // namespace calyptenora::platform
