#pragma once

#include "platform/courses/html_allow_list.hpp"

#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// Light colouring of a program: comments, strings, numbers and key words in `<span class="hl-comment">`,
/// `hl-string`, `hl-number`, `hl-keyword`, for Python, shell, C and C++, JavaScript, SQL, YAML and R; other
/// languages come back as one text. The text of all nodes together is always exactly `code`.
std::vector<HtmlNode> highlight_code(std::string_view code, std::string_view language);

}  // namespace calyptenora::platform
