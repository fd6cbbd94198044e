#include "settings/text_check.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

namespace calyptenora::settings {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

template <class T>
std::optional<T> find_number(std::string_view text) {
    if (text.empty() || !is_digit(text.front()))
        return std::nullopt;
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Levenshtein's distance with neighbours swapped as one step (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0u);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

/// The default ports that `UrlParts::port` fills in.
std::uint16_t default_port(std::string_view scheme) {
    if (scheme == "https" || scheme == "wss")
        return 443;
    if (scheme == "http" || scheme == "ws")
        return 80;
    return 0;
}

std::string_view without_brackets(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    return host;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        // Most text is ASCII: eight bytes at a time.
        if (std::uint64_t eight; text.size() - i >= sizeof eight) {
            std::memcpy(&eight, text.data() + i, sizeof eight);
            if ((eight & 0x8080808080808080) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
        const auto first = byte(i);
        if (first < 0x80) {
            ++i;
            continue;
        }
        const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc2 || first > 0xf4 || i + size > text.size())
            return i;
        for (std::size_t k = 1; k < size; ++k)
            if ((byte(i + k) & 0xc0) != 0x80)
                return i;
        const auto second = byte(i + 1);
        const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
        const bool out_of_range = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
        if (overlong || out_of_range)
            return i;
        i += size;
    }
    return std::nullopt;
}

std::optional<std::string> find_nearest(std::string_view word, std::span<const std::string> known) {
    if (word.size() > 100)
        return std::nullopt;
    auto wanted = lower(word);
    std::ranges::replace(wanted, '-', '_');
    const std::string* best = nullptr;
    auto limit = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    for (const auto& candidate : known) {
        auto normalised = lower(candidate);
        std::ranges::replace(normalised, '-', '_');
        if (const auto distance = edit_distance(wanted, normalised); distance < limit) {
            limit = distance;
            best = &candidate;
        }
    }
    return best ? std::optional(*best) : std::nullopt;
}

bool is_host(std::string_view text) {
    if (text.empty() || text.size() > 253)
        return false;
    boost::system::error_code error;
    if (text.front() == '[') {
        boost::asio::ip::make_address_v6(std::string(without_brackets(text)), error);
        return text.back() == ']' && !error;
    }
    if (std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; })) {
        boost::asio::ip::make_address_v4(std::string(text), error);
        return !error;
    }
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find('.', start), text.size());
        const auto label = text.substr(start, end - start);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; }))
            return false;
        start = end + 1;
    }
    return true;
}

bool is_loopback_host(std::string_view text) {
    if (lower(text) == "localhost")
        return true;
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(without_brackets(text)), error);
    return !error && address.is_loopback();
}

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || !is_host(text.substr(at + 1)))
        return false;
    return std::ranges::all_of(text.substr(0, at), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != 0x7f &&
               std::string_view("\"(),:;<>[\\]").find(c) == std::string_view::npos;
    });
}

std::optional<HostPort> find_host_port(std::string_view text, std::uint16_t port) {
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && !text.ends_with(']')) {
        const auto number =
            colon + 1 < text.size() ? find_number<std::uint16_t>(text.substr(colon + 1)) : std::nullopt;
        if (!number || *number == 0)
            return std::nullopt;
        port = *number;
        text = text.substr(0, colon);
    }
    if (!is_host(text))
        return std::nullopt;
    return HostPort{lower(text), port};
}

std::optional<std::chrono::year_month_day> find_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return std::nullopt;
    const auto year = find_number<int>(text.substr(0, 4));
    const auto month = find_number<unsigned>(text.substr(5, 2));
    const auto day = find_number<unsigned>(text.substr(8, 2));
    if (!year || !month || !day)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    return date.ok() ? std::optional(date) : std::nullopt;
}

std::optional<std::chrono::milliseconds> find_duration(std::string_view text) {
    const auto unit_start = text.find_first_not_of("0123456789");
    if (unit_start == 0 || unit_start == std::string_view::npos || unit_start > 9)
        return std::nullopt;
    const auto number = find_number<std::int64_t>(text.substr(0, unit_start));
    const auto unit = text.substr(unit_start);
    const std::int64_t factor = unit == "ms"    ? 1
                                : unit == "s"   ? 1000
                                : unit == "min" ? 60'000
                                : unit == "h"   ? 3'600'000
                                : unit == "d"   ? 86'400'000
                                                : 0;
    if (!number || factor == 0)
        return std::nullopt;
    return std::chrono::milliseconds(*number * factor);
}

std::string UrlParts::origin() const {
    if (port == 0 || port == default_port(scheme))
        return fmt::format("{}://{}", scheme, host);
    return fmt::format("{}://{}:{}", scheme, host, port);
}

std::optional<UrlParts> find_url_parts(std::string_view text) {
    const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    if (!parsed)
        return std::nullopt;
    const auto& url = parsed.value();
    UrlParts parts;
    const auto scheme = url.scheme();
    const auto host = url.encoded_host();
    parts.scheme = lower({scheme.data(), scheme.size()});
    parts.host = lower({host.data(), host.size()});
    if (!url.has_authority() || !is_host(parts.host))
        return std::nullopt;
    const auto port = url.port();  // as text, since port_number() of Boost 1.81 wraps around
    const auto number = find_number<std::uint16_t>({port.data(), port.size()});
    if (url.has_port() && (!number || *number == 0))
        return std::nullopt;
    parts.port = number.value_or(default_port(parts.scheme));
    parts.has_userinfo = url.has_userinfo();
    const auto path = url.encoded_path();
    parts.is_origin =
        (path.empty() || path == "/") && !url.has_query() && !url.has_fragment() && !url.has_userinfo();
    return parts;
}

}  // namespace calyptenora::settings
