#pragma once

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
    /// Called while a video is being prepared, from 0 to 1.
    std::function<void(const std::filesystem::path& video, double done)> on_progress;
};

struct ImportedCourse {
    std::string slug;
    std::string title;
    int lessons = 0;
    int videos = 0;      ///< Prepared for streaming, or found prepared.
    std::string report;  ///< What was changed, is missing or should be looked at; for people.
};

/// Imports a lesson of The Carpentries or a course folder into `<data>/courses/<slug>`, and prepares its
/// videos in
/// `<data>/videos`. The course appears whole or not at all. It writes only files that no server writes to, so
/// it may run beside one. `invalid_input` with every fault of the source; `conflict` if there is such a
/// course already.
Result<ImportedCourse> import_course(const CourseImport& import);

}  // namespace calyptenora::cli
