#pragma once

#include "platform/imports/course_assembly.hpp"
#include "platform/imports/import_report.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>

namespace calyptenora::platform {

/// True if the folder, or one below it, holds a Markdown file.
bool is_markdown_folder(const std::filesystem::path& source);

/// Makes a course of a folder of Markdown files, as people keep notes or sites: files in the order of their
/// names (numbers by their value) become lessons, folders become modules. A title comes from the front matter
/// (YAML or TOML), the first heading or the file's name; what `_index.md`, `index.md` or `README.md` say is
/// the course's or the module's title and summary, and a first lesson if they say more. Drafts stay behind.
///
/// The target must not exist; after an error it is the caller's to remove.
Result<ImportReport> import_markdown_folder(const std::filesystem::path& source,
                                            const std::filesystem::path& target, const CourseWishes& wishes);

}  // namespace calyptenora::platform
