#pragma once

#include <calyptenora/result.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Courses for trying the platform: whole, in both languages, of text that reads like text and teaches
/// nothing.
namespace calyptenora::platform::demo {

struct LessonText {
    std::string file;  ///< "01-was-brueche-sind.md"
    std::string text;  ///< As an author writes it: front matter and Markdown.
};

struct CourseText {
    std::string slug;  ///< Begins as every course of its seed does: course_prefix().
    std::string yaml;
    std::vector<LessonText> lessons;
};

/// "demo-7-": what the addresses of a seed's courses begin with.
std::string course_prefix(std::uint64_t seed);

/// Course number `index` of this seed; always the same. Some cost something, if there is a currency in which
/// they can be paid.
CourseText make_course_text(std::uint64_t seed, int index, const std::optional<std::string>& currency);

/// Writes a course folder, which must not exist.
Status write_course_folder(const CourseText& course, const std::filesystem::path& folder);

}  // namespace calyptenora::platform::demo
