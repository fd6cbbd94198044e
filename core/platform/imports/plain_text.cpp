#include "platform/imports/plain_text.hpp"

#include <array>
#include <cstdint>

namespace calyptenora::platform {

namespace {

constexpr std::string_view white_space = " \t\r\n\f\v";

// Of a valid sequence at the beginning; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
    // Overlong forms, surrogates, and what lies beyond Unicode.
    if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) ||
        (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f))
        return 0;
    return length;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = sequence_length(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

void append(char16_t code, std::string& to) {
    if (code < 0x80) {
        to += char(code);
    } else if (code < 0x800) {
        to += char(0xc0 | (code >> 6));
        to += char(0x80 | (code & 0x3f));
    } else {
        to += char(0xe0 | (code >> 12));
        to += char(0x80 | ((code >> 6) & 0x3f));
        to += char(0x80 | (code & 0x3f));
    }
}

// 0x80 to 0x9f; the rest is as in Latin-1.
constexpr std::array<char16_t, 32> windows_1252{
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

}  // namespace

bool is_blank(std::string_view text) {
    return text.find_first_not_of(white_space) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::string in_one_line(std::string_view text) {
    std::string line;
    for (const char c : trimmed(text)) {
        if (white_space.find(c) == std::string_view::npos)
            line += c;
        else if (!line.ends_with(' '))
            line += ' ';
    }
    return line;
}

std::string as_utf8(std::string_view bytes) {
    if (bytes.starts_with("\xef\xbb\xbf"))
        bytes.remove_prefix(3);
    std::string text;
    const bool valid = is_utf8(bytes);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == 0)
            continue;
        if (valid || byte < 0x80)
            text += c;
        else
            append(byte < 0xa0 ? windows_1252[byte - 0x80u] : char16_t(byte), text);
    }
    return text;
}

}  // namespace calyptenora::platform
