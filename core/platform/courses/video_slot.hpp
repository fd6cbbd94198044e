#pragma once

#include "platform/courses/course.hpp"
#include "platform/courses/course_files.hpp"
#include "platform/courses/fences.hpp"
#include "platform/courses/lesson_source.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace calyptenora::platform {

/// A video as its fenced div describes it; the lesson's renderer gives it an id and renders the transcript.
struct ReadVideoSlot {
    VideoSlot video;
    std::string transcript_markdown;
};

/// Nothing, and problems, if the description is wrong. `prepared_videos`: see CourseOptions.
std::optional<ReadVideoSlot> make_video_slot(const FencedNode& node, const LessonSource& lesson,
                                             const std::string& language, CourseFiles& files,
                                             const std::filesystem::path& prepared_videos,
                                             Problems& problems);

/// SHA-256 of a file, lower-case hex; remembered per path, size and time of change. Nothing if it cannot be
/// read.
std::optional<std::string> find_content_hash(const std::filesystem::path& file);

}  // namespace calyptenora::platform
