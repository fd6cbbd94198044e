#pragma once

#include "platform/courses/course.hpp"
#include "platform/courses/course_folder.hpp"
#include "platform/courses/problem.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// All courses of the platform at one moment; immutable. Whoever serves a request keeps the shared pointer
/// for as long as it works with courses, so that a reload in between changes nothing under its feet.
class Catalogue {
  public:
    Catalogue() = default;
    explicit Catalogue(std::vector<Course> courses);

    /// By title.
    const std::vector<Course>& courses() const { return courses_; }
    const Course* find_course(std::string_view slug) const;

    /// What courses can be told apart by.
    const std::set<std::string>& subjects() const { return subjects_; }
    /// The first part of each course's language tag.
    const std::set<std::string>& languages() const { return languages_; }

  private:
    std::vector<Course> courses_;
    std::map<std::string, std::size_t, std::less<>> by_slug_;
    std::set<std::string> subjects_;
    std::set<std::string> languages_;
};

/// The first part of a language tag.
std::string_view primary_language(std::string_view tag);

struct LoadedCatalogue {
    std::shared_ptr<const Catalogue> catalogue;
    Problems problems;
};

/// Reads every folder that holds a course.yaml: each of `folders` itself, or the folders right below it.
/// A course with an error is left out, the others stay; two courses with one slug are both errors of the
/// later. A prerequisite that is not here is asked of nobody, and courses that demand each other demand
/// nothing: both are said. Blocking and slow (files, hashes of videos): not for an Asio thread.
LoadedCatalogue load_catalogue(const std::vector<std::filesystem::path>& folders,
                               const CourseOptions& options = {});

/// The catalogue in use. Thread-safe; readers never wait for a reload, which only swaps a pointer.
class CatalogueHolder {
  public:
    explicit CatalogueHolder(std::shared_ptr<const Catalogue> first) : current_(std::move(first)) {}

    std::shared_ptr<const Catalogue> current() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }
    void replace(std::shared_ptr<const Catalogue> next) {
        const std::lock_guard lock(mutex_);
        current_.swap(next);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Catalogue> current_;
};

}  // namespace calyptenora::platform
