#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// References to the outside in a setting's text: `${env:NAME}` and `${file:PATH}`. `$${` stands for a plain
/// `${`.
namespace calyptenora::settings {

struct Reference {
    enum class Kind : std::uint8_t { env, file };
    Kind kind;
    std::string name;  ///< The variable's name, or the path.

    std::string text() const;
    bool operator==(const Reference&) const = default;
};

/// A text as its plain pieces and references, or nothing where a `${` is not one of them.
using TextPieces = std::vector<std::variant<std::string, Reference>>;
std::optional<TextPieces> find_pieces(std::string_view text);

}  // namespace calyptenora::settings
