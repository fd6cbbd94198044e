#include "platform/due_parts.hpp"

#include <algorithm>

namespace calyptenora::platform {
namespace {

using storage::Timestamp;

std::vector<const Lesson*> open_lessons(const Module& module, const CourseStanding& standing) {
    std::vector<const Lesson*> open;
    for (const auto& lesson : module.lessons)
        if (!standing.completed.contains(lesson.slug))
            open.push_back(&lesson);
    return open;
}

}  // namespace

std::optional<Timestamp> due_moment(const std::optional<DueDate>& due, const CourseStanding& standing,
                                    std::string_view time_zone) {
    if (!due || (std::holds_alternative<DaysAfterEnrolment>(*due) && !standing.enrolled))
        return std::nullopt;
    return moment_of(*due, std::chrono::floor<std::chrono::seconds>(standing.enrolled_at), time_zone);
}

std::optional<Timestamp> due_moment(const Module& module, const Lesson& lesson,
                                    const CourseStanding& standing, std::string_view time_zone) {
    const auto own = due_moment(lesson.due, standing, time_zone);
    const auto shared = due_moment(module.due, standing, time_zone);
    return own && shared ? std::min(own, shared) : own ? own : shared;
}

std::vector<DuePart> due_parts(const Catalogue& catalogue,
                               const std::map<std::string, CourseStanding>& standings,
                               std::string_view time_zone, Timestamp now) {
    std::vector<DuePart> parts;
    const auto add = [&](DuePart part, const std::optional<Timestamp>& at) {
        if (!at)
            return;
        part.at = *at;
        part.is_past = *at < now;
        parts.push_back(part);
    };
    for (const auto& [slug, standing] : standings) {
        const auto* course = catalogue.find_course(slug);
        if (!course || !standing.enrolled)
            continue;
        for (const auto& module : course->modules) {
            const auto open = open_lessons(module, standing);
            if (open.empty())
                continue;
            add({.course = course, .module = &module, .next = open.front(), .left = open.size(), .at = {}},
                due_moment(module.due, standing, time_zone));
            for (const auto* lesson : open)
                add({.course = course, .module = &module, .lesson = lesson, .next = lesson, .at = {}},
                    due_moment(lesson->due, standing, time_zone));
        }
    }
    std::ranges::sort(parts, [](const DuePart& a, const DuePart& b) {
        if (a.is_past != b.is_past)
            return b.is_past;
        if (a.at != b.at)
            return a.is_past ? a.at > b.at : a.at < b.at;
        return a.course->title < b.course->title;
    });
    return parts;
}

}  // namespace calyptenora::platform
