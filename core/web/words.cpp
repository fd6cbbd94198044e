#include "web/words.hpp"

#include "web/format.hpp"

namespace calyptenora::web {

std::string Words::word(std::string_view group, std::string_view key) const {
    std::string name(group);
    name += '.';
    name += key;
    return text(name);
}

std::string Words::fields(CategoryMask categories) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (categories.contains(static_cast<Category>(i)))
            names.push_back(word("data", category_keys[i]));
    return join_list(names, language_);
}

std::string Words::kept_fields(CategoryMask categories) const {
    constexpr auto pseudonym = Category::user_unique_id_pseudonymous;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (const auto category = static_cast<Category>(i); categories.contains(category))
            names.push_back(category == pseudonym ? text("kept_data.pseudonym_key")
                                                  : word("data", category_keys[i]));
    return join_list(names, language_);
}

}  // namespace calyptenora::web
