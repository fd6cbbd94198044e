#pragma once

#include <string>
#include <string_view>

/// Text from files of others, made fit for lessons.
namespace calyptenora::platform {

bool is_blank(std::string_view text);

/// Without white space at both ends.
std::string_view trimmed(std::string_view text);

/// White space, line breaks included, becomes single spaces; none at the ends.
std::string in_one_line(std::string_view text);

/// Valid UTF-8 without NUL. What is none is read as Windows-1252, as browsers read old pages.
std::string as_utf8(std::string_view bytes);

}  // namespace calyptenora::platform
