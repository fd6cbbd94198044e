#pragma once

#include "platform/imports/course_assembly.hpp"
#include "platform/imports/import_report.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>

namespace calyptenora::platform {

/// True if the folder is a course of Open edX as its Studio exports it (OLX): a course.xml whose root is
/// `<course>`.
bool is_open_edx_course(const std::filesystem::path& source);

/// Imports a course of Open edX (https://docs.openedx.org/, "OLX") as an ordinary course folder. Chapters
/// become modules and subsections (`sequential`) lessons: they have the titles of the table of contents,
/// while units
/// (`vertical`) are screens of one lesson, often without a title; theirs become headings. Pages come with
/// their pictures and files, videos as links. Problems and whatever else cannot come is named in the report,
/// and so is what only staff may see.
///
/// The target must not exist; after an error it is the caller's to remove.
Result<ImportReport> import_open_edx(const std::filesystem::path& source, const std::filesystem::path& target,
                                     const CourseWishes& wishes);

}  // namespace calyptenora::platform
