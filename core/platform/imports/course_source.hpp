#pragma once

#include "platform/imports/course_assembly.hpp"
#include "platform/imports/import_report.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>

namespace calyptenora::platform {

enum class CourseFormat : unsigned char {
    course_folder,     ///< One of ours: a course.yaml.
    carpentries,       ///< config.yaml and episodes/.
    common_cartridge,  ///< imsmanifest.xml.
    open_edx,          ///< course.xml with a root <course>.
    markdown_folder,   ///< None of these, but Markdown files.
};

/// What the folder holds, by the files that only one format has.
std::optional<CourseFormat> find_course_format(const std::filesystem::path& folder);

/// The folder itself, or the only one in it if it has no format: archives often hold one folder around all.
std::filesystem::path innermost_course(const std::filesystem::path& folder);

/// Converts a folder of any format but our own into a course folder at `target`, which must not exist; after
/// an error it is the caller's to remove.
Result<ImportReport> convert_course(CourseFormat format, const std::filesystem::path& source,
                                    const std::filesystem::path& target, const CourseWishes& wishes);

}  // namespace calyptenora::platform
