#include "web/language.hpp"

#include <cctype>
#include <charconv>

namespace calyptenora::web {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// Thousandths; RFC 9110 allows three decimals. Negative if malformed.
int parse_quality(std::string_view parameters) {
    const auto at = parameters.find("q=");
    if (at == std::string_view::npos)
        return 1000;
    const auto digits = trimmed(parameters.substr(at + 2));
    double quality = -1;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), quality);
    if (failure != std::errc{} || end != digits.data() + digits.size() || quality < 0 || quality > 1)
        return -1;
    return static_cast<int>(quality * 1000);
}

}  // namespace

Language negotiate_language(std::string_view accept_language, Language fallback) {
    Language best = fallback;
    int best_quality = 0;
    while (!accept_language.empty()) {
        const auto comma = accept_language.find(',');
        const auto part = trimmed(accept_language.substr(0, comma));
        accept_language = comma == std::string_view::npos ? "" : accept_language.substr(comma + 1);

        const auto semicolon = part.find(';');
        const auto tag = trimmed(part.substr(0, semicolon));
        const int quality =
            semicolon == std::string_view::npos ? 1000 : parse_quality(part.substr(semicolon));
        if (tag.size() < 2 || (tag.size() > 2 && tag[2] != '-'))
            continue;
        const char primary[] = {static_cast<char>(std::tolower(static_cast<unsigned char>(tag[0]))),
                                static_cast<char>(std::tolower(static_cast<unsigned char>(tag[1])))};
        const auto language = find_language(std::string_view(primary, 2));
        if (language && quality > best_quality) {
            best = *language;
            best_quality = quality;
        }
    }
    return best;
}

}  // namespace calyptenora::web
