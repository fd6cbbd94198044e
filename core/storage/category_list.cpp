#include "storage/category_list.hpp"

#include <algorithm>

namespace calyptenora::storage {

std::string make_category_list(CategoryMask categories) {
    std::string list;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (categories.contains(static_cast<Category>(i)))
            list.append(list.empty() ? "" : ",").append(category_keys[i]);
    return list;
}

CategoryMask parse_category_list(std::string_view list) {
    CategoryMask categories;
    while (!list.empty()) {
        const auto key = list.substr(0, list.find(','));
        if (const auto category = find_term<Category>(key))
            categories |= *category;
        list.remove_prefix(std::min(list.size(), key.size() + 1));
    }
    return categories;
}

}  // namespace calyptenora::storage
