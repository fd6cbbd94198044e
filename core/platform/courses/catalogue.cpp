#include "platform/courses/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> course_folders(const fs::path& folder, Problems& problems) {
    std::error_code failure;
    if (fs::is_regular_file(folder / "course.yaml", failure))
        return {folder};
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        std::error_code ignored;
        if (!entry.path().filename().string().starts_with('.') &&
            fs::is_regular_file(entry.path() / "course.yaml", ignored))
            found.push_back(entry.path());
    }
    if (failure)
        problems.push_back({Problem::Severity::error, folder, 0,
                            "the folder of courses cannot be read: " + failure.message(),
                            "create it, or correct its path in the settings"});
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

const Course* Catalogue::find_course(std::string_view slug) const {
    const auto found = std::find_if(courses_.begin(), courses_.end(),
                                    [&](const Course& course) { return course.slug == slug; });
    return found == courses_.end() ? nullptr : &*found;
}

std::vector<const VideoSlot*> Lesson::videos() const {
    std::vector<const VideoSlot*> found;
    for (const Block& block : body)
        if (const auto* video = std::get_if<VideoSlot>(&block))
            found.push_back(video);
    return found;
}

const Lesson* Course::find_lesson(std::string_view lesson_slug) const {
    for (const Module& module : modules)
        for (const Lesson& lesson : module.lessons)
            if (lesson.slug == lesson_slug)
                return &lesson;
    return nullptr;
}

std::vector<const Lesson*> Course::lessons() const {
    std::vector<const Lesson*> all;
    for (const Module& module : modules)
        for (const Lesson& lesson : module.lessons)
            all.push_back(&lesson);
    return all;
}

LoadedCatalogue load_catalogue(const std::vector<fs::path>& folders, const CourseOptions& options) {
    LoadedCatalogue result;
    std::vector<Course> courses;
    for (const fs::path& folder : folders) {
        for (const fs::path& course_folder : course_folders(folder, result.problems)) {
            auto course = load_course(course_folder, options, result.problems);
            if (!course)
                continue;
            const auto twin = std::find_if(courses.begin(), courses.end(),
                                           [&](const Course& other) { return other.slug == course->slug; });
            if (twin == courses.end())
                courses.push_back(std::move(*course));
            else
                result.problems.push_back(
                    {Problem::Severity::error, course_folder / "course.yaml", 0,
                     fmt::format("the address \"{}\" is taken by {}", course->slug, twin->folder.string()),
                     "give this course a \"slug\" of its own"});
        }
    }
    std::sort(courses.begin(), courses.end(),
              [](const Course& a, const Course& b) { return a.title < b.title; });
    result.catalogue = std::make_shared<const Catalogue>(std::move(courses));
    return result;
}

}  // namespace calyptenora::platform
