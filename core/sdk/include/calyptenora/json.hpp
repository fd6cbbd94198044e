#pragma once

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <boost/describe.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// JSON for described types (Boost.Describe), in both directions, by the same rules on both sides of the
/// wire: a struct is an object; an absent optional member is left out; an enumeration is its name (vocabulary
/// terms: their key); a variant is an object with one member, named after the alternative's `static constexpr
/// tag`; Bytes is base64.
namespace calyptenora {

/// Arbitrary bytes; base64 (RFC 4648, with padding) on the wire.
struct Bytes {
    std::string data;
    bool operator==(const Bytes&) const = default;
};

std::string encode_base64(std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);

namespace json_detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

template <class T>
using members_of =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

}  // namespace json_detail

/// A class whose members Boost.Describe knows.
template <class T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

namespace json_detail {

constexpr bool is_escaped(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Whether one of the eight characters from here on is escaped; found for all of them at once, as most texts
/// have none.
inline bool is_any_escaped(const char* eight) {
    constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x80 * ones;
    std::uint64_t word;
    std::memcpy(&word, eight, sizeof word);
    const auto has_byte_below = [](std::uint64_t bytes, unsigned limit) {
        return (bytes - limit * ones) & ~bytes & highs;
    };
    return has_byte_below(word, 0x20) || has_byte_below(word ^ ones * '"', 1) ||
           has_byte_below(word ^ ones * '\\', 1);
}

inline std::size_t find_escaped(std::string_view text, std::size_t from) {
    while (text.size() - from >= 8 && !is_any_escaped(text.data() + from))
        from += 8;
    while (from < text.size() && !is_escaped(text[from]))
        ++from;
    return from;
}

inline void write_escaped(std::string& out, char c) {
    static constexpr char hex[] = "0123456789abcdef";
    out.push_back('\\');
    switch (c) {
        case '"':
        case '\\':
            return out.push_back(c);
        case '\n':
            return out.push_back('n');
        case '\r':
            return out.push_back('r');
        case '\t':
            return out.push_back('t');
        default:
            out.append("u00");
            out.push_back(hex[c >> 4]);
            out.push_back(hex[c & 15]);
    }
}

/// `,"name":` of a described member, put together by the compiler. A name needs no escaping.
template <class Member>
inline constexpr auto key_after_another = [] {
    constexpr std::string_view name(Member::name);
    std::array<char, name.size() + 4> key{',', '"'};
    auto end = std::copy(name.begin(), name.end(), key.begin() + 2);
    *end++ = '"';
    *end = ':';
    return key;
}();

/// Appends the key of the next member of an object; `first` says whether it is the first one, and is false
/// afterwards.
template <class Member>
void write_key(std::string& out, bool& first) {
    constexpr std::string_view key(key_after_another<Member>.data(), key_after_another<Member>.size());
    out.append(std::exchange(first, false) ? key.substr(1) : key);
}

}  // namespace json_detail

/// Appends a JSON string literal. The text must be valid UTF-8; the caller has checked it.
inline void write_json_text(std::string& out, std::string_view text) {
    out.push_back('"');
    for (std::size_t from = 0;;) {
        const auto to = json_detail::find_escaped(text, from);
        out.append(text, from, to - from);
        if (to == text.size())
            break;
        json_detail::write_escaped(out, text[to]);
        from = to + 1;
    }
    out.push_back('"');
}

/// Appends the JSON of a value.
template <class T>
void write_json(std::string& out, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        out.append(value ? "true" : "false");
    } else if constexpr (std::is_integral_v<T> || std::is_floating_point_v<T>) {
        if constexpr (std::is_floating_point_v<T>)
            if (!std::isfinite(value))
                return void(out.append("null"));
        char digits[32];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        write_json_text(out, value);
    } else if constexpr (std::is_same_v<T, Bytes>) {
        write_json_text(out, encode_base64(value.data));
    } else if constexpr (std::is_same_v<T, boost::json::value> || std::is_same_v<T, boost::json::object>) {
        out.append(boost::json::serialize(value));
    } else if constexpr (VocabularyTerm<T>) {
        write_json_text(out, key_of(value));
    } else if constexpr (boost::describe::has_describe_enumerators<T>::value) {
        write_json_text(out, boost::describe::enum_to_string(value, "?"));
    } else if constexpr (json_detail::is_optional<T>) {
        if (value)
            write_json(out, *value);
        else
            out.append("null");
    } else if constexpr (json_detail::is_vector<T>) {
        out.push_back('[');
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i)
                out.push_back(',');
            write_json(out, value[i]);
        }
        out.push_back(']');
    } else if constexpr (json_detail::is_map<T>) {
        out.push_back('{');
        for (bool first = true; const auto& [key, item] : value) {
            if (!std::exchange(first, false))
                out.push_back(',');
            write_json_text(out, key);
            out.push_back(':');
            write_json(out, item);
        }
        out.push_back('}');
    } else if constexpr (json_detail::is_variant<T>) {
        std::visit(
            [&](const auto& alternative) {
                out.push_back('{');
                write_json_text(out, std::remove_cvref_t<decltype(alternative)>::tag);
                out.push_back(':');
                write_json(out, alternative);
                out.push_back('}');
            },
            value);
    } else {
        static_assert(Described<T>, "describe this type with BOOST_DESCRIBE_STRUCT");
        bool first = true;
        out.push_back('{');
        boost::mp11::mp_for_each<json_detail::members_of<T>>([&](auto member) {
            const auto& item = value.*member.pointer;
            if constexpr (json_detail::is_optional<std::remove_cvref_t<decltype(item)>>)
                if (!item)
                    return;
            json_detail::write_key<decltype(member)>(out, first);
            write_json(out, item);
        });
        out.push_back('}');
    }
}

/// The JSON of a value.
template <class T>
std::string to_json(const T& value) {
    std::string out;
    write_json(out, value);
    return out;
}

/// Reads a value; a failure names the place ("lines[2].amount") and what was expected there. A member that is
/// not optional must be there; unknown members are passed over, so that a newer peer can be read.
template <class T>
Status read_json(const boost::json::value& json, T& value, const std::string& path = "") {
    const auto expected = [&](std::string_view what) {
        return Error(ErrorKind::invalid_input,
                     (path.empty() ? "the document" : path) + ": expected " + std::string(what));
    };
    if constexpr (std::is_same_v<T, bool>) {
        if (!json.is_bool())
            return expected("true or false");
        value = json.get_bool();
    } else if constexpr (std::is_integral_v<T>) {
        boost::json::error_code failure;
        const auto number = json.to_number<T>(failure);
        if (failure)
            return expected("a whole number in range");
        value = number;
    } else if constexpr (std::is_floating_point_v<T>) {
        if (!json.is_number())
            return expected("a number");
        value = json.to_number<T>();
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (!json.is_string())
            return expected("text");
        value = std::string(json.get_string());
    } else if constexpr (std::is_same_v<T, Bytes>) {
        auto bytes = json.is_string() ? decode_base64(json.get_string()) : std::nullopt;
        if (!bytes)
            return expected("base64 text");
        value.data = std::move(*bytes);
    } else if constexpr (std::is_same_v<T, boost::json::value>) {
        value = json;
    } else if constexpr (std::is_same_v<T, boost::json::object>) {
        if (!json.is_object())
            return expected("an object");
        value = json.get_object();
    } else if constexpr (VocabularyTerm<T>) {
        const auto term = json.is_string() ? find_term<T>(std::string_view(json.get_string())) : std::nullopt;
        if (!term)
            return expected("a key of the vocabulary");
        value = *term;
    } else if constexpr (boost::describe::has_describe_enumerators<T>::value) {
        if (!json.is_string() || !boost::describe::enum_from_string(json.get_string().c_str(), value))
            return expected("one of the names of this enumeration");
    } else if constexpr (json_detail::is_optional<T>) {
        if (json.is_null())
            return value.reset(), Status();
        return read_json(json, value.emplace(), path);
    } else if constexpr (json_detail::is_vector<T>) {
        if (!json.is_array())
            return expected("a list");
        value.clear();
        for (const auto& item : json.get_array())
            if (auto read = read_json(item, value.emplace_back(),
                                      path + "[" + std::to_string(value.size() - 1) + "]");
                !read)
                return read;
    } else if constexpr (json_detail::is_map<T>) {
        if (!json.is_object())
            return expected("an object");
        value.clear();
        for (const auto& [key, item] : json.get_object())
            if (auto read = read_json(item, value[std::string(key)], path + "." + std::string(key)); !read)
                return read;
    } else if constexpr (json_detail::is_variant<T>) {
        if (!json.is_object() || json.get_object().size() != 1)
            return expected("an object with one member");
        const auto& [tag, item] = *json.get_object().begin();
        Status outcome = expected("another alternative than \"" + std::string(tag) + "\"");
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<T>>>([&](auto index) {
            if (std::variant_alternative_t<index, T>::tag == std::string_view(tag))
                outcome = read_json(item, value.template emplace<index>(), path + "." + std::string(tag));
        });
        return outcome;
    } else {
        static_assert(Described<T>, "describe this type with BOOST_DESCRIBE_STRUCT");
        if (!json.is_object())
            return expected("an object");
        const auto& object = json.get_object();
        Status outcome;
        boost::mp11::mp_for_each<json_detail::members_of<T>>([&](auto member) {
            if (!outcome)
                return;
            auto& item = value.*member.pointer;
            const std::string item_path = path.empty() ? member.name : path + "." + member.name;
            if (const auto* found = object.if_contains(member.name))
                outcome = read_json(*found, item, item_path);
            else if constexpr (!json_detail::is_optional<std::remove_cvref_t<decltype(item)>>)
                outcome = Error(ErrorKind::invalid_input, item_path + ": is missing");
        });
        return outcome;
    }
    return {};
}

/// Parses a document and reads it. Depth is bounded by the parser (32 levels).
template <class T>
Result<T> parse_json(std::string_view text) {
    boost::json::error_code failure;
    const auto json = boost::json::parse(boost::json::string_view(text.data(), text.size()), failure);
    if (failure)
        return Error(ErrorKind::invalid_input, "not a JSON document: " + failure.message());
    T value{};
    if (auto read = read_json(json, value); !read)
        return read.error();
    return value;
}

inline std::string encode_base64(std::string_view bytes) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto left = bytes.size() - i;
        const auto at = [&](std::size_t k) -> unsigned {
            return k < left ? static_cast<unsigned char>(bytes[i + k]) : 0;
        };
        const unsigned group = at(0) << 16 | at(1) << 8 | at(2);
        text.push_back(alphabet[group >> 18]);
        text.push_back(alphabet[group >> 12 & 63]);
        text.push_back(left > 1 ? alphabet[group >> 6 & 63] : '=');
        text.push_back(left > 2 ? alphabet[group & 63] : '=');
    }
    return text;
}

inline std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        unsigned group = 0;
        int padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const char c = text[i + k];
            unsigned digit = 0;
            if (c >= 'A' && c <= 'Z')
                digit = c - 'A';
            else if (c >= 'a' && c <= 'z')
                digit = c - 'a' + 26;
            else if (c >= '0' && c <= '9')
                digit = c - '0' + 52;
            else if (c == '+')
                digit = 62;
            else if (c == '/')
                digit = 63;
            else if (c == '=' && k >= 2 && i + 4 == text.size())
                ++padding;
            else
                return std::nullopt;
            if (padding && c != '=')
                return std::nullopt;
            group = group << 6 | digit;
        }
        bytes.push_back(static_cast<char>(group >> 16));
        if (padding < 2)
            bytes.push_back(static_cast<char>(group >> 8));
        if (padding < 1)
            bytes.push_back(static_cast<char>(group));
    }
    return bytes;
}

}  // namespace calyptenora
