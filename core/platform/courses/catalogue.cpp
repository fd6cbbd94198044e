#include "platform/courses/catalogue.hpp"

#include "platform/courses/yaml_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

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

/// Takes out of every course what nobody could do before it.
class PrerequisiteCheck {
  public:
    PrerequisiteCheck(std::vector<Course>& courses, Problems& problems)
        : courses_(courses), problems_(problems) {}

    void run() {
        for (Course& course : courses_)
            take_out_unknown(course);
        for (Course& course : courses_)
            follow(course);
    }

  private:
    void take_out_unknown(Course& course) {
        std::erase_if(course.prerequisites, [&](const Prerequisite& one) {
            if (find(one.course))
                return false;
            std::vector<std::string_view> known;
            for (const Course& other : courses_)
                if (&other != &course)
                    known.push_back(other.slug);
            const std::string nearest = nearest_name(one.course, known);
            problem(course, one.line,
                    fmt::format("there is no course \"{}\"; nobody is asked for it", one.course),
                    nearest.empty() ? "name a course of this platform, or take it out"
                                    : fmt::format("did you mean \"{}\"?", nearest));
            return true;
        });
    }

    // Depth first; a course met again on the way closes a circle.
    void follow(Course& course) {
        if (done_.contains(course.slug))
            return;
        way_.push_back(&course);
        for (Prerequisite& one : course.prerequisites) {
            Course& next = *find(one.course);
            const auto met = std::ranges::find(way_, &next);
            if (met == way_.end())
                follow(next);
            else
                circle({met, way_.end()}, one.line);
        }
        way_.pop_back();
        done_.insert(course.slug);
    }

    void circle(const std::vector<Course*>& courses, int line) {
        std::string names;
        for (std::size_t i = 0; i < courses.size(); ++i) {
            names += courses[i]->slug + " -> ";
            const std::string& next = courses[(i + 1) % courses.size()]->slug;
            for (Prerequisite& one : courses[i]->prerequisites)
                if (one.course == next)
                    one.demand = Prerequisite::Demand::recommended;
        }
        problem(*courses.back(), line,
                fmt::format("the prerequisites go round in a circle: {}{}; none of them is demanded", names,
                            courses.front()->slug),
                "take one of them out");
    }

    void problem(const Course& course, int line, std::string what, std::string remedy) {
        problems_.push_back({Problem::Severity::warning, course.folder / "course.yaml", line, std::move(what),
                             std::move(remedy)});
    }

    Course* find(std::string_view slug) {
        const auto found = std::ranges::find_if(courses_, [&](auto& course) { return course.slug == slug; });
        return found == courses_.end() ? nullptr : &*found;
    }

    std::vector<Course>& courses_;
    Problems& problems_;
    std::vector<Course*> way_;
    std::set<std::string> done_;
};

}  // namespace

Catalogue::Catalogue(std::vector<Course> courses) : courses_(std::move(courses)) {
    for (std::size_t at = 0; at < courses_.size(); ++at) {
        const auto& course = courses_[at];
        by_slug_.emplace(course.slug, at);
        if (!course.subject.empty())
            subjects_.insert(course.subject);
        languages_.emplace(primary_language(course.language));
    }
}

const Course* Catalogue::find_course(std::string_view slug) const {
    const auto found = by_slug_.find(slug);
    return found == by_slug_.end() ? nullptr : &courses_[found->second];
}

std::string_view primary_language(std::string_view tag) {
    return tag.substr(0, tag.find('-'));
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
    PrerequisiteCheck(courses, result.problems).run();
    result.catalogue = std::make_shared<const Catalogue>(std::move(courses));
    return result;
}

}  // namespace calyptenora::platform
