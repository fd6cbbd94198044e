#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace calyptenora::web {

/// The languages in which pages and mails exist.
enum class Language : std::uint8_t { de, en };

inline constexpr std::array languages{Language::de, Language::en};

/// How German texts address the learner. English has one form.
enum class AddressForm : std::uint8_t { du, sie };

/// The tag (BCP 47) of a language: "de", "en".
constexpr std::string_view tag_of(Language language) {
    return language == Language::de ? "de" : "en";
}

/// The language with exactly this tag, or nothing.
constexpr std::optional<Language> find_language(std::string_view tag) {
    if (tag == "de")
        return Language::de;
    if (tag == "en")
        return Language::en;
    return std::nullopt;
}

/// The language that an Accept-Language header asks for (RFC 9110, 12.5.4): the highest quality wins, of
/// equals the first; `fallback` if the header names neither. Malformed parts are passed over.
Language negotiate_language(std::string_view accept_language, Language fallback);

}  // namespace calyptenora::web
