#include "account_number.hpp"

#include <array>
#include <utility>

namespace calyptenora::sepa {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

// The remainder of the number that arises when the first four characters are moved to the end and each letter
// is replaced by 10 to 35.
unsigned rotated_remainder(std::string_view text) {
    unsigned remainder = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[(i + 4) % text.size()];
        remainder = is_digit(c) ? (remainder * 10 + static_cast<unsigned>(c - '0')) % 97
                                : (remainder * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
    }
    return remainder;
}

// Lengths of the SEPA area's IBANs (ISO 13616 registry); others are held to the general bounds.
constexpr auto lengths = std::to_array<std::pair<std::string_view, std::size_t>>({
    {"AD", 24}, {"AL", 28}, {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CY", 28},
    {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"EE", 20}, {"ES", 24}, {"FI", 18}, {"FR", 27},
    {"GB", 22}, {"GI", 23}, {"GR", 27}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IS", 26},
    {"IT", 27}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"MC", 27}, {"MD", 24},
    {"ME", 22}, {"MK", 19}, {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PL", 28}, {"PT", 25},
    {"RO", 24}, {"RS", 22}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"VA", 22},
});

}  // namespace

std::string compact(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
        if (is_digit(c) || is_capital(c))
            out.push_back(c);
    }
    return out;
}

std::optional<std::string> find_iban(std::string_view text) {
    auto iban = compact(text);
    if (iban.size() < 15 || iban.size() > 34 || !is_capital(iban[0]) || !is_capital(iban[1]) ||
        !is_digit(iban[2]) || !is_digit(iban[3]) || rotated_remainder(iban) != 1)
        return std::nullopt;
    for (const auto& [country, length] : lengths)
        if (iban.starts_with(country) && iban.size() != length)
            return std::nullopt;
    return iban;
}

std::string grouped(std::string_view compact_text) {
    std::string out;
    for (std::size_t i = 0; i < compact_text.size(); ++i) {
        if (i && i % 4 == 0)
            out.push_back(' ');
        out.push_back(compact_text[i]);
    }
    return out;
}

std::optional<std::string> find_creditor_reference(std::string_view body) {
    if (body.empty() || body.size() > 21 || compact(body) != body)
        return std::nullopt;
    const auto check = 98 - rotated_remainder("RF00" + std::string(body));
    return "RF" + std::string(check < 10 ? "0" : "") + std::to_string(check) + std::string(body);
}

bool is_creditor_reference(std::string_view compact_text) {
    return compact_text.size() >= 5 && compact_text.size() <= 25 && compact_text.starts_with("RF") &&
           is_digit(compact_text[2]) && is_digit(compact_text[3]) && rotated_remainder(compact_text) == 1;
}

}  // namespace calyptenora::sepa
