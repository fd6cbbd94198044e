#include "mail_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>

namespace calyptenora::mail {
namespace {

void append_code_point(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xC0 | c >> 6));
        out.push_back(static_cast<char>(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        out.push_back(static_cast<char>(0xE0 | c >> 12));
        out.push_back(static_cast<char>(0x80 | (c >> 6 & 63)));
        out.push_back(static_cast<char>(0x80 | (c & 63)));
    } else {
        out.push_back(static_cast<char>(0xF0 | c >> 18));
        out.push_back(static_cast<char>(0x80 | (c >> 12 & 63)));
        out.push_back(static_cast<char>(0x80 | (c >> 6 & 63)));
        out.push_back(static_cast<char>(0x80 | (c & 63)));
    }
}

bool is_character(std::uint32_t c) {
    return c != 0 && c < 0x110000 && (c < 0xD800 || c > 0xDFFF);
}

// Windows-1252, 0x80 to 0x9F; 0 where nothing is assigned.
constexpr std::array<std::uint16_t, 32> windows_1252{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::string checked_utf8(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        const std::size_t length = lead < 0x80    ? 1
                                   : lead >= 0xF0 ? 4
                                   : lead >= 0xE0 ? 3
                                   : lead >= 0xC2 ? 2
                                                  : 0;
        std::uint32_t c = length == 1 ? lead : lead & (0xFFu >> (length + 1));
        bool good = length != 0 && lead <= 0xF4 && i + length <= bytes.size();
        for (std::size_t k = 1; good && k < length; ++k) {
            const auto next = static_cast<unsigned char>(bytes[i + k]);
            good = (next & 0xC0) == 0x80;
            c = c << 6 | (next & 63);
        }
        good = good && is_character(c) && !(length == 3 && c < 0x800) && !(length == 4 && c < 0x10000);
        append_code_point(out, good ? c : 0xFFFD);
        i += good ? length : 1;
    }
    return out;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// One character reference, "&amp;" or "&#8364;"; returns its length, 0 if it is none.
std::size_t append_reference(std::string& out, std::string_view text) {
    static constexpr auto names = std::to_array<std::pair<std::string_view, std::uint32_t>>(
        {{"amp", '&'},      {"lt", '<'},        {"gt", '>'},      {"quot", '"'},     {"apos", '\''},
         {"nbsp", ' '},     {"auml", 0xE4},     {"ouml", 0xF6},   {"uuml", 0xFC},    {"Auml", 0xC4},
         {"Ouml", 0xD6},    {"Uuml", 0xDC},     {"szlig", 0xDF},  {"euro", 0x20AC},  {"ndash", 0x2013},
         {"mdash", 0x2014}, {"hellip", 0x2026}, {"eacute", 0xE9}, {"rsquo", 0x2019}, {"lsquo", 0x2018},
         {"rdquo", 0x201D}, {"ldquo", 0x201C},  {"bdquo", 0x201E}});
    const auto end = text.substr(0, 12).find(';');
    if (end == std::string_view::npos || end < 2)
        return 0;
    const auto name = text.substr(1, end - 1);
    if (name[0] == '#') {
        const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
        std::uint32_t c = 0;
        for (const char digit : name.substr(hex ? 2 : 1)) {
            const int value = hex_value(digit);
            if (value < 0 || (!hex && value > 9))
                return 0;
            c = std::min<std::uint32_t>(c * (hex ? 16 : 10) + static_cast<std::uint32_t>(value), 0x110000);
        }
        append_code_point(out, is_character(c) ? c : 0xFFFD);
        return end + 1;
    }
    for (const auto& [known, c] : names)
        if (known == name) {
            append_code_point(out, c);
            return end + 1;
        }
    return 0;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string decode_quoted_printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            out.push_back(text[i]);
            continue;
        }
        const auto rest = text.substr(i + 1);
        const auto line_end = rest.find_first_not_of(" \t");
        if (line_end == std::string_view::npos)
            break;
        if (rest[line_end] == '\n' || rest.substr(line_end).starts_with("\r\n")) {
            i += line_end + (rest[line_end] == '\n' ? 1 : 2);
            continue;
        }
        const int high = hex_value(rest[0]), low = rest.size() > 1 ? hex_value(rest[1]) : -1;
        if (high >= 0 && low >= 0) {
            out.push_back(static_cast<char>(high << 4 | low));
            i += 2;
        } else {
            out.push_back('=');
        }
    }
    return out;
}

std::string decode_loose_base64(std::string_view text) {
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (c == '=')
            count = 0, bits = 0;
        if (digit == std::string_view::npos)
            continue;
        bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>(bits >> count & 0xFF));
        }
    }
    return out;
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
    const auto name = lower_case(trimmed(charset));
    if (name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii")
        return checked_utf8(bytes);
    const bool known = name == "iso-8859-1" || name == "latin1" || name == "windows-1252" ||
                       name == "cp1252" || name == "iso-8859-15";
    std::string out;
    for (const char byte : bytes) {
        const auto c = static_cast<unsigned char>(byte);
        if (c < 0x80)
            append_code_point(out, c ? c : 0xFFFD);
        else if (!known)
            append_code_point(out, 0xFFFD);
        else if (name == "iso-8859-15" && c == 0xA4)
            append_code_point(out, 0x20AC);
        else if (c < 0xA0)  // ISO 8859-1 has control characters there; what is meant is Windows-1252
            append_code_point(out, windows_1252[c - 0x80] ? windows_1252[c - 0x80] : 0xFFFD);
        else
            append_code_point(out, c);
    }
    return out;
}

std::string decode_words(std::string_view header) {
    std::string out;
    bool after_word = false;
    for (std::size_t i = 0; i < header.size();) {
        if (header.substr(i).starts_with("=?")) {
            const auto charset_end = header.find('?', i + 2);
            const auto encoding_end =
                charset_end == std::string_view::npos ? charset_end : header.find('?', charset_end + 1);
            const auto end =
                encoding_end == std::string_view::npos ? encoding_end : header.find("?=", encoding_end + 1);
            if (end != std::string_view::npos && encoding_end == charset_end + 2) {
                const auto charset = header.substr(i + 2, charset_end - i - 2);
                auto payload = std::string(header.substr(encoding_end + 1, end - encoding_end - 1));
                const char encoding = header[charset_end + 1];
                if (encoding == 'q' || encoding == 'Q') {
                    std::ranges::replace(payload, '_', ' ');
                    payload = decode_quoted_printable(payload);
                } else {
                    payload = decode_loose_base64(payload);
                }
                // White space between two words is not text.
                if (after_word)
                    while (out.ends_with(' ') || out.ends_with('\t'))
                        out.pop_back();
                out += to_utf8(payload, charset.substr(0, charset.find('*')));
                i = end + 2;
                after_word = true;
                continue;
            }
        }
        if (header[i] != ' ' && header[i] != '\t')
            after_word = false;
        out.push_back(header[i++]);
    }
    return out;
}

std::string text_of_html(std::string_view html) {
    std::string out;
    int quoted = 0;
    const auto end_line = [&] {
        while (out.ends_with(' '))
            out.pop_back();
        if (!out.empty() && !out.ends_with('\n'))
            out.push_back('\n');
    };
    const auto begin_line = [&] {
        if (quoted && (out.empty() || out.ends_with('\n')))
            out += "> ";
    };
    const auto lower = lower_case(html);
    for (std::size_t i = 0; i < html.size();) {
        if (html[i] == '<') {
            if (html.substr(i).starts_with("<!--")) {
                const auto end = html.find("-->", i);
                i = end == std::string_view::npos ? html.size() : end + 3;
                continue;
            }
            const auto close = html.find('>', i);
            if (close == std::string_view::npos)
                break;
            const bool closing = i + 1 < html.size() && html[i + 1] == '/';
            const auto start = i + (closing ? 2 : 1);
            auto end = start;
            while (end < close && std::isalnum(static_cast<unsigned char>(html[end])))
                ++end;
            const auto tag = std::string_view(lower).substr(start, end - start);
            i = close + 1;
            if (!closing && (tag == "style" || tag == "script" || tag == "head" || tag == "title")) {
                const auto stop = lower.find("</" + std::string(tag), i);
                i = stop == std::string::npos ? html.size() : stop;
            } else if (tag == "blockquote") {
                end_line();
                quoted = std::max(0, quoted + (closing ? -1 : 1));
            } else if (tag == "br") {
                begin_line();
                out.push_back('\n');
            } else if (tag == "p" || tag == "div" || tag == "li" || tag == "tr" || tag == "table" ||
                       tag == "h1" || tag == "h2" || tag == "h3" || tag == "ul" || tag == "ol") {
                end_line();
            }
            continue;
        }
        begin_line();
        if (html[i] == '&')
            if (const auto length = append_reference(out, html.substr(i))) {
                i += length;
                continue;
            }
        const bool space = html[i] == ' ' || html[i] == '\t' || html[i] == '\r' || html[i] == '\n';
        if (!space)
            out.push_back(html[i]);
        else if (!out.empty() && !out.ends_with(' ') && !out.ends_with('\n'))
            out.push_back(' ');
        ++i;
    }
    return out;
}

}  // namespace calyptenora::mail
