#pragma once

#include "web/language.hpp"

#include <calyptenora/result.hpp>

#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace calyptenora::web {

/// One text of the catalogue: `other`, and `one` where the text depends on the value `count`.
struct Text {
    std::string one;  ///< Empty if there is no plural.
    std::string other;

    bool has_plural() const { return !one.empty(); }
};

/// The texts of all pages, from `de.json` and `en.json`.
///
/// A catalogue is an object of groups ("lesson") of texts ("mark_complete"); the key is
/// `lesson.mark_complete`. A text is a string, or `{"one": ..., "other": ...}` (plural by `count`), or
/// `{"du": ..., "sie": ...}` whose members are again a string or a plural. Texts are plain and may hold:
/// - `{name}`: the value of that name;
/// - `**strong words**`;
/// - `[words](/path)` and `[words]({url})`: a link.
class Translations {
  public:
    using Arguments = std::vector<std::pair<std::string_view, std::string>>;

    /// Reads both catalogues. One failure names all that is wrong: keys that only one language has, and texts
    /// whose placeholders differ between the languages.
    static Result<Translations> load(const std::filesystem::path& folder, AddressForm address_form);

    /// The text, or nullptr.
    const Text* find_text(Language language, std::string_view key) const;

    /// The text with its placeholders replaced, not escaped and with its marks left as they are; for what
    /// handlers put into view models and mails. The plural form follows the argument `count`. An unknown key
    /// is a broken invariant (std::out_of_range), like a placeholder without an argument.
    std::string text(Language language, std::string_view key, const Arguments& arguments = {}) const;

    /// All keys; the same in every language.
    std::set<std::string> keys() const;

  private:
    std::array<std::map<std::string, Text, std::less<>>, languages.size()> catalogues_;
};

/// The names in `{name}` placeholders of a text, in order, each once.
std::vector<std::string> placeholders_of(std::string_view text);

/// Escapes for HTML text and for quoted attributes.
std::string escape_html(std::string_view text);

}  // namespace calyptenora::web
