#include "reference_mask.hpp"

#include "account_number.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <vector>

namespace calyptenora::sepa {
namespace {

bool is_letter_or_digit(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80;
}
// Bytes of UTF-8 letters are part of a word.
bool is_part_of_word(char c) {
    return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

ReferenceMask::ReferenceMask(std::string mask) : mask_(std::move(mask)) {
    std::size_t varying = 0, fixed = 0;
    for (const char c : mask_) {
        varying += c == '#' || c == '@' || c == '%';
        fixed += is_letter_or_digit(c);
    }
    length_ = varying + fixed;
    if (varying < 4 || (fixed < 2 && varying < 10))
        throw std::invalid_argument(
            "reference_mask: at least 4 varying characters after 2 fixed ones, or 10 varying ones; otherwise "
            "other numbers in a transfer are taken for orders");
}

std::optional<std::string> ReferenceMask::read(std::string_view text) const {
    if (text.size() < length_)
        return std::nullopt;
    std::string reference;
    std::size_t at = 0;
    for (const char pattern : mask_) {
        const bool varies = pattern == '#' || pattern == '@' || pattern == '%';
        if (!varies && !is_letter_or_digit(pattern)) {
            reference.push_back(pattern);
            continue;
        }
        const char c = text[at++];
        const bool digit = c >= '0' && c <= '9';
        const bool fits = pattern == '#'   ? digit
                          : pattern == '@' ? true
                          : pattern == '%' ? digit || (c >= 'A' && c <= 'F')
                                           : c == std::toupper(static_cast<unsigned char>(pattern));
        if (!fits)
            return std::nullopt;
        reference.push_back(pattern == '%' ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
                            : varies       ? c
                                           : pattern);
    }
    return reference;
}

std::optional<std::string> ReferenceMask::find_whole(std::string_view text) const {
    const auto letters = compact(text);
    if (letters.size() == length_)
        return read(letters);
    if (letters.size() == length_ + 4 && is_creditor_reference(letters))
        return read(std::string_view(letters).substr(4));
    return std::nullopt;
}

std::set<std::string> ReferenceMask::find_within(std::string_view text) const {
    // The letters and digits, each with its place in the text.
    std::string letters;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (is_letter_or_digit(text[i])) {
            letters.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(text[i]))));
            places.push_back(i);
        }
    const bool begins_fixed = is_letter_or_digit(mask_.front());
    std::set<std::string> found, unsure;
    for (std::size_t at = 0; at + length_ <= letters.size(); ++at) {
        const auto after = places[at + length_ - 1] + 1;
        if (after < text.size() && is_part_of_word(text[after]))
            continue;
        const bool glued = places[at] > 0 && is_part_of_word(text[places[at] - 1]);
        const auto* const start = letters.data() + at;
        const bool after_rf = at >= 4 && start[-4] == 'R' && start[-3] == 'F' && std::isdigit(start[-2]) &&
                              std::isdigit(start[-1]);
        if (glued && !begins_fixed && !after_rf)
            continue;
        auto reference = read(std::string_view(letters).substr(at));
        if (!reference || (after_rf && !is_creditor_reference({start - 4, length_ + 4})))
            continue;
        const auto whole = text.substr(places[at], after - places[at]);
        const bool in_one_piece = !glued && whole.find_first_of(" \t\r\n") == std::string_view::npos;
        const bool has_digit =
            std::any_of(start, start + length_, [](char c) { return c >= '0' && c <= '9'; });
        (in_one_piece || has_digit ? found : unsure).insert(std::move(*reference));
        if (in_one_piece)
            at += length_ - 1;
    }
    // "Carsten Mia" would be CA-RSTENMIA.
    return found.empty() ? unsure : found;
}

}  // namespace calyptenora::sepa
