#pragma once

#include "platform/courses/html_allow_list.hpp"

#include <string>
#include <string_view>

namespace calyptenora::platform {

/// Markdown in GitHub's dialect (tables, strike-through, task lists, bare links), parsed by md4c; raw HTML in
/// it has gone through the allow-list. Formulas are code of the language "math" (formulas.hpp).
AllowedHtml parse_markdown(std::string_view markdown);

/// The link reference definitions (`[name]: url`) of a text, outside code blocks, one a line. Pieces of a
/// lesson are parsed one by one and get these of the whole lesson.
std::string find_link_definitions(std::string_view markdown);

}  // namespace calyptenora::platform
