#pragma once

#include "web/language.hpp"
#include "web/translations.hpp"

#include <calyptenora/vocabulary.hpp>

#include <string>
#include <string_view>

/// The vocabulary of data protection in one language, for pages and documents alike.
namespace calyptenora::web {

/// A view of the catalogue, which must outlive it.
class Words {
  public:
    Words(const Translations& texts, Language language) : texts_(&texts), language_(language) {}

    Language language() const { return language_; }
    std::string text(std::string_view key, const Translations::Arguments& arguments = {}) const {
        return texts_->text(language_, key, arguments);
    }
    /// The text `<group>.<key>`, such as that of a term of the vocabulary.
    std::string word(std::string_view group, std::string_view key) const;
    /// "name and e-mail address"; empty for nothing.
    std::string fields(CategoryMask categories) const;
    /// The same of what the platform itself keeps: no pseudonyms, but what makes them.
    std::string kept_fields(CategoryMask categories) const;

  private:
    const Translations* texts_;
    Language language_;
};

}  // namespace calyptenora::web
