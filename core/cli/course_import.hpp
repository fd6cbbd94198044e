#pragma once

#include "platform/imports/course_assembly.hpp"
#include "platform/imports/import_report.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <functional>
#include <string>

/// Bringing a course into the data folder.
namespace calyptenora::cli {

struct CourseImport {
    std::filesystem::path source;
    std::filesystem::path data;
    std::string slug;      ///< Empty: the course's own.
    bool replace = false;  ///< An imported course of the same slug gives way.
    platform::CourseWishes wishes;
    /// Called while an archive is unpacked or a video prepared ("unpacking a.imscc"), from 0 to 1.
    std::function<void(const std::string& what, double done)> on_progress;
};

struct ImportedCourse {
    std::string slug;
    std::string title;
    int lessons = 0;
    int videos = 0;  ///< Prepared for streaming, or found prepared.
    /// What was changed, is missing or should be looked at.
    platform::ImportReport report;
};

/// Imports a course folder, a lesson of The Carpentries or an IMS Common Cartridge, as a folder or an
/// archive, into `<data>/courses/<slug>`, and prepares its videos in `<data>/videos`. The course appears
/// whole or not at all. It writes only files that no server writes to, so it may run beside one.
/// `invalid_input` with every fault of the source; `conflict` if there is such a course already.
Result<ImportedCourse> import_course(const CourseImport& import);

}  // namespace calyptenora::cli
