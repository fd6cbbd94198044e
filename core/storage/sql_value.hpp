#pragma once

#include "storage/clock.hpp"
#include "storage/ids.hpp"

#include <calyptenora/vocabulary.hpp>

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

/// How C++ values travel to and from SQL. Only two column types exist: `text` and `bigint`.
/// Text, ids and enumerations (in the spelling of their keys) are `text`; integers, booleans (0 or 1),
/// durations in seconds and times are `bigint`; an optional may be NULL.
namespace calyptenora::storage {

enum class SqlType : unsigned char { text, bigint };

/// One parameter or one column of a result.
struct SqlValue {
    SqlType type = SqlType::text;
    bool is_null = false;
    long long number = 0;
    std::string text;

    static SqlValue of_text(std::string_view value) { return {SqlType::text, false, 0, std::string(value)}; }
    static SqlValue of_number(long long value) { return {SqlType::bigint, false, value, {}}; }
};

/// An enumeration of a store, described by BOOST_DESCRIBE_ENUM; its enumerators are its spelling in SQL.
template <class E>
concept DescribedEnum = std::is_enum_v<E> && boost::describe::has_describe_enumerators<E>::value;

/// An enumeration of the SDK's vocabulary; stored as its key.
template <class E>
concept VocabularyEnum =
    std::same_as<E, Category> || std::same_as<E, Purpose> || std::same_as<E, LegalBasis> ||
    std::same_as<E, DeviceAccess> || std::same_as<E, CookieCategory> || std::same_as<E, ConsentState> ||
    std::same_as<E, Transform> || std::same_as<E, RecipientRole> || std::same_as<E, Family>;

/// The conversion of one type; specialise it to store a type of your own.
template <class T>
struct SqlConversion;

template <>
struct SqlConversion<std::string> {
    static constexpr SqlType type = SqlType::text;
    static SqlValue to(std::string_view value) { return SqlValue::of_text(value); }
    static std::string from(SqlValue&& value) { return std::move(value.text); }
};
template <>
struct SqlConversion<std::string_view> : SqlConversion<std::string> {};
template <std::size_t N>
struct SqlConversion<char[N]> : SqlConversion<std::string> {};
template <>
struct SqlConversion<const char*> : SqlConversion<std::string> {};

template <std::integral T>
struct SqlConversion<T> {
    static constexpr SqlType type = SqlType::bigint;
    static SqlValue to(T value) { return SqlValue::of_number(static_cast<long long>(value)); }
    static T from(SqlValue&& value) {
        if (!std::is_same_v<T, bool> &&
            !std::in_range<std::conditional_t<std::is_same_v<T, bool>, int, T>>(value.number))
            throw std::out_of_range("number in the database does not fit its type");
        return static_cast<T>(value.number);
    }
};

template <>
struct SqlConversion<Timestamp> {
    static constexpr SqlType type = SqlType::bigint;
    static SqlValue to(Timestamp value) { return SqlValue::of_number(microseconds_of(value)); }
    static Timestamp from(SqlValue&& value) { return timestamp_of(value.number); }
};

template <>
struct SqlConversion<std::chrono::seconds> {
    static constexpr SqlType type = SqlType::bigint;
    static SqlValue to(std::chrono::seconds value) { return SqlValue::of_number(value.count()); }
    static std::chrono::seconds from(SqlValue&& value) { return std::chrono::seconds(value.number); }
};

template <class Tag>
struct SqlConversion<Id<Tag>> {
    static constexpr SqlType type = SqlType::text;
    static SqlValue to(const Id<Tag>& value) { return SqlValue::of_text(value.text()); }
    static Id<Tag> from(SqlValue&& value) { return Id<Tag>::from_database(std::move(value.text)); }
};

template <VocabularyEnum E>
struct SqlConversion<E> {
    static constexpr SqlType type = SqlType::text;
    static SqlValue to(E value) { return SqlValue::of_text(key_of(value)); }
    static E from(SqlValue&& value) {
        const auto term = find_term<E>(value.text);
        if (!term)
            throw std::out_of_range("unknown term in the database: " + value.text);
        return *term;
    }
};

template <DescribedEnum E>
struct SqlConversion<E> {
    static constexpr SqlType type = SqlType::text;
    static SqlValue to(E value) { return SqlValue::of_text(boost::describe::enum_to_string(value, "")); }
    static E from(SqlValue&& value) {
        E term{};
        if (!boost::describe::enum_from_string(value.text.c_str(), term))
            throw std::out_of_range("unknown enumerator in the database: " + value.text);
        return term;
    }
};

template <class T>
struct SqlConversion<std::optional<T>> {
    static constexpr SqlType type = SqlConversion<T>::type;
    static SqlValue to(const std::optional<T>& value) {
        return value ? SqlConversion<T>::to(*value) : SqlValue{type, true, 0, {}};
    }
    static std::optional<T> from(SqlValue&& value) {
        if (value.is_null)
            return std::nullopt;
        return SqlConversion<T>::from(std::move(value));
    }
};

/// The spelling of an enumerator of a store, as in SQL, JSON and on pages' data attributes.
template <DescribedEnum E>
std::string_view key_of(E value) {
    return boost::describe::enum_to_string(value, "");
}

}  // namespace calyptenora::storage
