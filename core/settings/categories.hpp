#pragma once

#include <calyptenora/vocabulary.hpp>

#include <string>
#include <string_view>
#include <vector>

/// How YAML names data categories.
namespace calyptenora::settings {

/// Grades and submissions: never covered by a prefix, only by their own key (consent.md).
inline constexpr CategoryMask named_only =
    CategoryMask(Category::user_education_grade) | CategoryMask(Category::user_education_submission);

/// The leaf categories that a key in YAML stands for: a leaf itself, or all below a prefix but for
/// `named_only`.
CategoryMask categories_named_by(std::string_view key);

/// A leaf category or a prefix of one at a dot boundary.
bool is_category_or_prefix(std::string_view key);

/// All leaves and prefixes, for messages.
const std::vector<std::string>& category_words();

}  // namespace calyptenora::settings
