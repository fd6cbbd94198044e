#pragma once

#include "platform/imports/import_report.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>

namespace calyptenora::platform {

/// True if the folder looks like a lesson of The Carpentries' Workbench: a config.yaml and a folder episodes.
bool is_carpentries_lesson(const std::filesystem::path& source);

/// Imports a lesson of The Carpentries' Workbench (https://carpentries.github.io/sandpaper-docs/) as an
/// ordinary course folder: `config.yaml` gives title, order, licence and source; index.md becomes the summary
/// and a first lesson, learners' pages become lessons around the episodes. Boxes, code, tables, figures and
/// definition lists are kept; notes for instructors are left out when shown. The licence and whom to name go
/// into course.yaml.
///
/// The target must not exist; it appears whole (written beside it and renamed) or not at all. Errors:
/// `invalid_input` with every fault as "file:line: error: ...", among them fences that are never closed;
/// `conflict` if the target exists.
Result<ImportReport> import_carpentries(const std::filesystem::path& source,
                                        const std::filesystem::path& target);

}  // namespace calyptenora::platform
