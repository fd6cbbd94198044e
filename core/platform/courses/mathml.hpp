#pragma once

#include "platform/courses/html_allow_list.hpp"

#include <calyptenora/result.hpp>

#include <string_view>

/// MathML as lessons may hold it: presentation only, what MathML Core describes and browsers draw. No links,
/// no actions, no annotations, no colours, no other markup inside.
namespace calyptenora::platform {

bool is_math_element(std::string_view tag);
bool is_math_attribute(std::string_view tag, std::string_view name, std::string_view value);

/// Reads `<math>...</math>` of a typesetter and keeps what the list names: an element outside it refuses the
/// whole (a formula with a part missing says something else), an attribute outside it is left out. What
/// browsers no longer read is said in the way they do: alphabets by their own characters, alignment by
/// classes.
Result<HtmlNode> parse_mathml(std::string_view xml);

}  // namespace calyptenora::platform
