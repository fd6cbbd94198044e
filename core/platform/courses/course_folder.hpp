#pragma once

#include "platform/courses/course.hpp"
#include "platform/courses/problem.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace calyptenora::platform {

/// Where the pages live; `{course}`, `{lesson}` and `{file}` are replaced (percent-encoded, `/` kept).
struct CourseUrls {
    std::string lesson = "/courses/{course}/lessons/{lesson}";
    std::string media = "/courses/{course}/media/{file}";
};

struct CourseOptions {
    CourseUrls urls;
    /// Where prepare_video() has put renditions; used to know a video's length and size. Empty: not looked
    /// at.
    std::filesystem::path prepared_videos;
    /// Makes MathML of formulas; another one is for tests.
    std::string typesetter = "blahtexml";
};

/// Reads one course folder. `course.yaml`:
///
///     title: Sonne im Netz          # required, as are language, summary, licence, authors and modules
///     slug: sonne-im-netz           # default: the folder's name
///     language: de
///     summary: One or two sentences.
///     subject: Energie
///     level: beginner               # beginner, intermediate, advanced
///     authors: [Name, Name]
///     licence: CC BY 4.0
///     licence_url: https://...      # optional, as are attribution and source_url
///     price: free                   # or {amount: 19.00, currency: EUR}; default: free
///     prerequisites:                # optional: courses to be done before, by their slugs
///       - strom-verstehen           # recommended; or {course: strom-verstehen, required: true}
///     modules:
///       - title: Grundlagen
///         slug: grundlagen          # default: from the title
///         due: 14 days after enrolment   # optional, as in a lesson; or 2026-12-24 18:00 Europe/Berlin
///         lessons: [01-erste.md, 02-zweite.md]
///
/// An unknown key is an error that names the nearest known one. Nothing if there is any error.
/// Blocking: reads files, hashes videos, typesets formulas.
std::optional<Course> load_course(const std::filesystem::path& folder, const CourseOptions& options,
                                  Problems& problems);

/// "Über Schleifen, kurz" -> "ueber-schleifen-kurz": lower-case ASCII letters, digits and single hyphens; may
/// be empty.
std::string make_slug(std::string_view title);

}  // namespace calyptenora::platform
