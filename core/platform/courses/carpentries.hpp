#pragma once

#include "platform/courses/problem.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace calyptenora::platform {

/// What an import did, for the operator to read.
struct ImportReport {
    std::string title;
    /// What came: "12 episodes", "38 pictures".
    std::vector<std::string> brought;
    /// What was written differently, each with its file and line where there is one.
    std::vector<std::string> changed;
    /// What could not come, and what stands there instead.
    std::vector<std::string> missing;
    /// What loading the result complains about; never an error.
    Problems problems;

    std::string text() const;
};

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
