#include "http/fields.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace calyptenora::http {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) {
        table[c] = true;
    }
    for (unsigned c = 'A'; c <= 'Z'; ++c) {
        table[c] = true;
        table[c + 32] = true;
    }
    for (char c : std::string_view{"!#$%&'*+-.^_`|~"}) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}

constexpr auto token_table = make_token_table();

void check_field(std::string_view name, std::string_view value) {
    if (!is_token(name)) {
        throw std::invalid_argument("header name is not a token");
    }
    if (!is_field_value(value)) {
        throw std::invalid_argument("control character in the value of header " + std::string(name));
    }
}

}  // namespace

std::optional<std::string_view> Params::find(std::string_view name) const {
    for (const auto& [key, value] : entries_) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> Params::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : entries_) {
        if (key == name) {
            values.emplace_back(value);
        }
    }
    return values;
}

void Headers::set(std::string_view name, std::string_view value) {
    check_field(name, value);
    remove(name);
    entries_.emplace_back(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
    check_field(name, value);
    entries_.emplace_back(name, value);
}

void Headers::remove(std::string_view name) {
    std::erase_if(entries_, [&](const Entry& entry) { return is_same_name(entry.first, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto& [key, value] : entries_) {
        if (is_same_name(key, name)) {
            return value;
        }
    }
    return std::nullopt;
}

bool is_same_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

bool is_token(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return token_table[static_cast<unsigned char>(c)]; });
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

std::string_view trim(std::string_view text) {
    auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace calyptenora::http
