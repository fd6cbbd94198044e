#pragma once

#include <array>
#include <span>
#include <string_view>

/// The words that demonstration data are made of. All invented or everyday; none is taken from a course or a
/// list of somebody else's.
namespace calyptenora::platform::demo {

struct Subject {
    std::string_view name;
    /// Plural nouns, which stand where subject or object does, so that no sentence bends them.
    std::array<std::string_view, 8> topics;
};

/// What courses and lessons in one language are put together from. `{t}` stands for the topic, `{T}` for the
/// same at the beginning of a sentence, `{o}` for another topic of the subject, `{p}` for a place, `{n}` for
/// a number.
struct Language {
    std::string_view key;
    std::span<const Subject> subjects;
    std::span<const std::string_view> titles;
    std::span<const std::string_view> summaries;
    std::span<const std::string_view> modules;
    std::span<const std::string_view> lessons;
    std::span<const std::string_view> headings;
    std::span<const std::string_view> sentences;
    std::span<const std::string_view> steps;
    std::span<const std::string_view> places;
    std::string_view part;  ///< Of a title that there would be twice: "{} {}" of title and number.
    std::span<const std::string_view> first_names;
    std::span<const std::string_view> last_names;
    std::span<const std::string_view> educations;
};

const Language& german();
const Language& english();

}  // namespace calyptenora::platform::demo
