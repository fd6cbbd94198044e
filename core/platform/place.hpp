#pragma once

#include "platform/courses/course.hpp"

#include <optional>
#include <string>
#include <string_view>

/// A place in a lesson's text that is the same on every screen: `s-loops.3.450` is 450 per mille into the
/// third block below the heading `s-loops`; without a heading, `.3.450`, counted from the beginning. What a
/// block is says web/assets/lesson.js.
namespace calyptenora::platform {

/// Whether it reads like a place, and its heading is one of the lesson's.
bool is_place_in(const Lesson& lesson, std::string_view place);

}  // namespace calyptenora::platform
