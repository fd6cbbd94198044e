#pragma once

#include "platform/courses/catalogue.hpp"
#include "platform/learning.hpp"
#include "storage/clock.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a learner has still to do by when. Computed from the courses and from what is done, kept nowhere.
namespace calyptenora::platform {

/// A lesson, or what is left of a module.
struct DuePart {
    const Course* course = nullptr;
    const Module* module = nullptr;
    /// Null if the module as a whole is meant.
    const Lesson* lesson = nullptr;
    /// Where to go on: the lesson, or the module's first that is not done.
    const Lesson* next = nullptr;
    /// Lessons not done.
    std::size_t left = 1;
    storage::Timestamp at;
    bool is_past = false;
};

/// When a lesson is due for this learner: by its own date or its module's, whichever is earlier; nothing if
/// neither has one, or nobody is enrolled and it depends on that.
std::optional<storage::Timestamp> due_moment(const Module& module, const Lesson& lesson,
                                             const CourseStanding& standing, std::string_view time_zone);
/// The same of a module's own date.
std::optional<storage::Timestamp> due_moment(const std::optional<DueDate>& due,
                                             const CourseStanding& standing, std::string_view time_zone);

/// Of the courses that the learner takes, what is not done: first what is still to come, what is due next at
/// the top; then what is past, latest first. So who reads only the first few misses no date to come.
std::vector<DuePart> due_parts(const Catalogue& catalogue,
                               const std::map<std::string, CourseStanding>& standings,
                               std::string_view time_zone, storage::Timestamp now);

}  // namespace calyptenora::platform
