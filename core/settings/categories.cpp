#include "settings/categories.hpp"

namespace calyptenora::settings {

CategoryMask categories_named_by(std::string_view key) {
    if (const auto leaf = find_term<Category>(key))
        return *leaf;
    return categories_under(key) - named_only;
}

bool is_category_or_prefix(std::string_view key) {
    return !categories_under(key).empty();
}

const std::vector<std::string>& category_words() {
    static const std::vector<std::string> words(category_keys.begin(), category_keys.end());
    return words;
}

}  // namespace calyptenora::settings
