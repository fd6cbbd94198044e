#pragma once

#include "platform/courses/safe_html.hpp"
#include "storage/stores/course_search.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What is searched for and what is found, word by word. The same for both databases, which only compare
/// terms.
namespace calyptenora::platform {

/// The terms of a text in this language: each word in lower case without accents, and beside it its stem by
/// Snowball where there is one for the language (BCP 47). Letters and digits only.
std::vector<std::string> make_terms(std::string_view text, std::string_view language);

/// What a visitor asks for: every word must occur, as it is or by its stem in German or English, the last one
/// also as a beginning, since it may not be typed to its end. No character means anything else. Words beyond
/// the first 12 are left out, and so is what comes after `longest_query` bytes. None where nothing is left to
/// look for.
std::vector<storage::SearchWord> make_query(std::string_view text);
inline constexpr std::size_t longest_query = 200;

/// The query as it is looked for: spaces trimmed, cut at a character.
std::string trim_query(std::string_view text);

/// What a reader sees, in one line.
std::string plain_text(const SafeHtml& html);

}  // namespace calyptenora::platform
