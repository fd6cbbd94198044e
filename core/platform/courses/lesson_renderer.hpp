#pragma once

#include "platform/courses/course.hpp"
#include "platform/courses/course_files.hpp"
#include "platform/courses/formula_typesetter.hpp"
#include "platform/courses/lesson_source.hpp"
#include "platform/courses/problem.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// Anchors in a page begin with this, so that a heading "Menu" cannot take the id of the page's own menu.
inline constexpr std::string_view anchor_prefix = "s-";

struct RenderedLesson {
    Lesson lesson;
    /// Anchors of the lesson, without prefix.
    std::set<std::string, std::less<>> anchors;
    /// Links to an anchor, to be checked when all lessons are rendered.
    struct Reference {
        std::string lesson_path;
        std::string anchor;
        int line = 0;
    };
    std::vector<Reference> references;
};

/// Renders a lesson. On top of Markdown it knows
/// - boxes as fenced divs (`::: challenge`, labels.hpp lists the kinds); the first heading in a box is its
/// title;
/// - videos, at the top level of a lesson:
///
///       ::: video
///       src: intro.mp4               # a file of the course; or  embed: PLAYER/VIDEO
///       title: What this is about
///       captions: [intro.de.vtt]     # WebVTT, the language in the name
///       transcript: intro.md         # the text version
///       poster: intro.jpg            # optional, as are provider, duration (m:ss), width, height
///       :::
///
/// - code blocks: `output` and `error` are what a program said, other languages are coloured lightly;
/// - pictures: a paragraph with one picture becomes a figure, the title its caption; sizes come from the
/// file. Pictures of another origin are replaced by a link: loading them would tell that origin who is
/// reading;
/// - formulas, `$x^2$` in running text and `$$...$$` on their own (formulas.hpp), or a code block of the
/// language `math`: they become MathML. One that cannot be typeset is shown as its source, and is a warning.
RenderedLesson render_lesson(const LessonSource& source, const std::string& language, CourseFiles& files,
                             const std::filesystem::path& prepared_videos, FormulaTypesetter& typesetter,
                             Problems& problems);

}  // namespace calyptenora::platform
