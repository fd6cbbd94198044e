#include "http/conditional.hpp"

#include "http/fields.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace calyptenora::http {
namespace {

template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
    while (!list.empty()) {
        auto end = std::min(list.find(','), list.size());
        visit(trim(list.substr(0, end)));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

std::optional<std::uint64_t> find_number(std::string_view text) {
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
    if (trim(if_none_match) == "*") {
        return true;
    }
    bool is_found = false;
    for_each_element(if_none_match, [&](std::string_view element) {
        if (element.starts_with("W/")) {
            element.remove_prefix(2);
        }
        is_found = is_found || element == etag;
    });
    return is_found;
}

std::variant<WholeFile, ByteRange, UnsatisfiableRange> read_range(std::string_view range,
                                                                  std::uint64_t size) {
    if (!range.starts_with("bytes=") || range.find(',') != std::string_view::npos) {
        return WholeFile{};
    }
    range.remove_prefix(6);
    auto dash = range.find('-');
    if (dash == std::string_view::npos) {
        return WholeFile{};
    }
    auto first_text = trim(range.substr(0, dash));
    auto last_text = trim(range.substr(dash + 1));
    auto first = find_number(first_text);
    auto last = find_number(last_text);
    if (first_text.empty()) {
        if (!last) {
            return WholeFile{};
        }
        auto length = std::min(*last, size);
        if (length == 0) {
            return UnsatisfiableRange{};
        }
        return ByteRange{size - length, length};
    }
    if (!first || (!last_text.empty() && !last) || (last && *last < *first)) {
        return WholeFile{};
    }
    if (*first >= size) {
        return UnsatisfiableRange{};
    }
    auto end = last ? std::min(*last, size - 1) : size - 1;
    return ByteRange{*first, end - *first + 1};
}

bool accepts_gzip(std::string_view accept_encoding) {
    std::optional<bool> gzip;
    bool any = false;
    for_each_element(accept_encoding, [&](std::string_view element) {
        auto semicolon = std::min(element.find(';'), element.size());
        auto coding = trim(element.substr(0, semicolon));
        auto weight = trim(element.substr(std::min(semicolon + 1, element.size())));
        bool is_refused =
            weight.starts_with("q=0") && weight.find_first_not_of("0.", 3) == std::string_view::npos;
        if (is_same_name(coding, "gzip") || is_same_name(coding, "x-gzip")) {
            gzip = !is_refused;
        } else if (coding == "*") {
            any = !is_refused;
        }
    });
    return gzip.value_or(any);
}

}  // namespace calyptenora::http
