#include "platform/place.hpp"

#include <algorithm>
#include <charconv>

namespace calyptenora::platform {
namespace {

constexpr int most_blocks = 100'000, whole_block = 1000;

/// Takes a number off the end, with the dot before it; nothing if there is none that is at most `most`.
std::optional<int> take_number(std::string_view& place, int most) {
    const auto dot = place.rfind('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    const auto digits = place.substr(dot + 1);
    int number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || number < 0 || number > most)
        return std::nullopt;
    place.remove_suffix(digits.size() + 1);
    return number;
}

}  // namespace

bool is_place_in(const Lesson& lesson, std::string_view place) {
    if (!take_number(place, whole_block) || !take_number(place, most_blocks))
        return false;
    return place.empty() ||
           std::ranges::any_of(lesson.toc, [&](const auto& entry) { return entry.id == place; });
}

}  // namespace calyptenora::platform
