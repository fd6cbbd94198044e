#pragma once

#include <calyptenora/vocabulary.hpp>

#include <string>
#include <string_view>

namespace calyptenora::storage {

/// Data categories as columns hold them: keys, separated by commas, in the order of the vocabulary.
std::string make_category_list(CategoryMask categories);
/// Leaves out what is no category.
CategoryMask parse_category_list(std::string_view list);

}  // namespace calyptenora::storage
