#pragma once

#include <optional>
#include <string_view>

namespace calyptenora::platform {

/// A kind of box in a lesson: its name in the source and what readers see.
struct BoxKind {
    std::string_view name;
    /// In German if the course's language is German, else in English.
    std::string_view label;
    /// Shown folded, as <details>.
    bool folded = false;
    /// For those who teach; not part of a course that is read alone.
    bool left_out = false;
    /// Has no heading of its own: the label is the heading.
    bool label_is_heading = false;
};

/// Nothing for an unknown name.
std::optional<BoxKind> find_box_kind(std::string_view name, std::string_view language);

/// All names, for messages.
std::string_view box_kind_names();

struct LessonLabels {
    std::string_view program_output;
    std::string_view program_error;
    std::string_view done;
    std::string_view open;
    std::string_view other_site;  ///< What a link that leaves the platform is marked with.
};
LessonLabels make_lesson_labels(std::string_view language);

}  // namespace calyptenora::platform
