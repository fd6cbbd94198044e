#pragma once

#include "platform/courses/due_date.hpp"
#include "platform/courses/problem.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace calyptenora::platform {

/// A lesson's file, read but not rendered:
///
///     ---
///     title: What current does
///     minutes: 12        # optional
///     slug: current      # optional; default: the file's name without leading number and extension
///     due: 3 days after enrolment      # optional
///     ---
///     Markdown ...
struct LessonSource {
    /// Within the course folder, with `/`.
    std::string path;
    std::filesystem::path file;
    std::string title;
    std::string slug;
    /// 0: not given.
    int minutes = 0;
    std::optional<DueDate> due = {};
    std::string body;
    /// Number of the body's first line in the file.
    int body_line = 1;
};

/// Nothing (and problems) if the file cannot be read or its front matter is wrong.
std::optional<LessonSource> load_lesson_source(const std::filesystem::path& course_folder,
                                               const std::string& path, Problems& problems);

struct FrontMatter {
    std::string yaml;
    std::string body;
    /// Numbers of the first line of each in the file.
    int yaml_line = 2;
    int body_line = 1;
};

/// Splits `---` ... `---` off; without it everything is body. Nothing if it is opened and never closed.
std::optional<FrontMatter> parse_front_matter(std::string_view text);

}  // namespace calyptenora::platform
