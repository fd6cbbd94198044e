#include "http/target.hpp"

#include <algorithm>
#include <cstdint>

namespace calyptenora::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

std::optional<std::string> find_form_decoded(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return find_percent_decoded(spaced);
}

Error refuse(const char* why) {
    return Error(ErrorKind::invalid_input, why);
}

/// Looks at the segments before they are decoded, so that an encoded slash is seen as what it is.
Status check_segments(std::string_view raw_path) {
    std::string_view rest = raw_path.substr(1);
    while (true) {
        auto slash = rest.find('/');
        bool is_last = slash == std::string_view::npos;
        auto segment = find_percent_decoded(rest.substr(0, slash));
        if (!segment) {
            return refuse("bad percent-encoding in the path");
        }
        if (segment->find_first_of("/\\") != std::string::npos) {
            return refuse("encoded slash or backslash in the path");
        }
        if (*segment == "." || *segment == "..") {
            return refuse("dot segment in the path");
        }
        if (segment->empty() && !is_last) {
            return refuse("empty segment in the path");
        }
        if (is_last) {
            return {};
        }
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace

std::optional<std::string> find_percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (text.size() - i < 3) {
            return std::nullopt;
        }
        int high = hex_digit(text[i + 1]);
        int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_letter || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded += c;
        } else {
            encoded += '%';
            encoded += digits[byte >> 4];
            encoded += digits[byte & 15];
        }
    }
    return encoded;
}

bool is_clean_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        auto lead = static_cast<unsigned char>(text[i]);
        if (lead == 0) {
            return false;
        }
        if (lead < 0x80) {
            ++i;
            continue;
        }
        std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (lead < 0xC2 || lead > 0xF4 || text.size() - i < length) {
            return false;
        }
        std::uint32_t code = lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k) {
            auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xC0) != 0x80) {
                return false;
            }
            code = code << 6 | (next & 0x3FU);
        }
        bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
        if (is_overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
            return false;
        }
        i += length;
    }
    return true;
}

Result<Target> parse_target(std::string_view target) {
    if (!target.starts_with('/')) {
        return refuse("the request target must begin with a slash");
    }
    Target result;
    auto question = target.find('?');
    result.raw_path = target.substr(0, question);
    if (question != std::string_view::npos) {
        result.raw_query = target.substr(question + 1);
    }
    if (auto segments = check_segments(result.raw_path); !segments) {
        return segments.error();
    }
    result.path = find_percent_decoded(result.raw_path).value_or("/");
    if (!is_clean_utf8(result.path) || has_control(result.path)) {
        return refuse("the path is not clean UTF-8");
    }
    auto query = parse_urlencoded(result.raw_query);
    if (!query) {
        return query.error();
    }
    result.query = std::move(*query);
    return result;
}

Result<Params> parse_urlencoded(std::string_view text, std::size_t max_fields) {
    Params params;
    while (!text.empty()) {
        auto end = std::min(text.find('&'), text.size());
        auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) {
            continue;
        }
        if (params.size() == max_fields) {
            return refuse("too many fields");
        }
        auto equals = std::min(pair.find('='), pair.size());
        auto name = find_form_decoded(pair.substr(0, equals));
        auto value = find_form_decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) {
            return refuse("bad percent-encoding in a field");
        }
        if (!is_clean_utf8(*name) || !is_clean_utf8(*value)) {
            return refuse("a field is not clean UTF-8");
        }
        params.add(std::move(*name), std::move(*value));
    }
    return params;
}

std::optional<std::string> find_local_target(std::string_view text) {
    bool is_local = text.starts_with('/') && !text.starts_with("//") &&
                    text.find('\\') == std::string_view::npos && !has_control(text);
    if (!is_local) {
        return std::nullopt;
    }
    return std::string(text);
}

}  // namespace calyptenora::http
