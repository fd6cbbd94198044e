#include "web/format.hpp"

#include <unicode/curramt.h>
#include <unicode/listformatter.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>
#include <unicode/ucurr.h>
#include <unicode/unistr.h>

#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace calyptenora::web {
namespace {

const icu::Locale& locale_of(Language language) {
    static const icu::Locale german("de", "DE"), british("en", "GB");
    return language == Language::de ? german : british;
}

icu::UnicodeString from_utf8(std::string_view text) {
    return icu::UnicodeString::fromUTF8(
        icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text) {
    std::string bytes;
    text.toUTF8String(bytes);
    return bytes;
}

void require(UErrorCode status, const char* what) {
    if (U_FAILURE(status))
        throw std::runtime_error(std::string(what) + ": " + u_errorName(status));
}

/// What is made of the few codes that a platform has: its countries, languages, currencies. Pages ask for
/// them again and again, and making one costs some 10 us.
template <class Value>
class Kept {
  public:
    using Key = std::pair<std::string, Language>;

    template <class Make>
    Value get(const Key& key, Make make) {
        const std::lock_guard lock(mutex_);
        const auto found = values_.find(key);
        return found != values_.end() ? found->second : values_.emplace(key, make()).first->second;
    }

  private:
    std::mutex mutex_;
    std::map<Key, Value> values_;
};

std::unique_ptr<icu::TimeZone> make_time_zone(std::string_view name) {
    return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(from_utf8(name)));
}

constexpr const char* date_pattern(Language language) {
    return language == Language::de ? "d. MMMM y" : "d MMMM y";
}

constexpr const char* date_time_pattern(Language language) {
    return language == Language::de ? "d. MMMM y 'um' HH:mm\u00a0'Uhr'" : "d MMMM y 'at' HH:mm";
}

std::string format_by_pattern(Moment moment, Language language, std::string_view time_zone,
                              const char* pattern) {
    // Making a formatter costs some 100 us, and one is not shared between threads.
    using Key = std::tuple<Language, std::string, const char*>;
    thread_local std::map<Key, std::unique_ptr<icu::SimpleDateFormat>> formatters;
    if (formatters.size() > 64)
        formatters.clear();
    auto& formatter = formatters[Key(language, time_zone, pattern)];
    if (!formatter) {
        UErrorCode status = U_ZERO_ERROR;
        formatter = std::make_unique<icu::SimpleDateFormat>(from_utf8(pattern), locale_of(language), status);
        require(status, "date format");
        formatter->adoptTimeZone(is_known_time_zone(time_zone) ? make_time_zone(time_zone).release()
                                                               : icu::TimeZone::getGMT()->clone());
    }
    icu::UnicodeString text;
    const auto milliseconds =
        std::chrono::floor<std::chrono::milliseconds>(moment.time_since_epoch()).count();
    formatter->format(static_cast<UDate>(milliseconds), text);
    return to_utf8(text);
}

}  // namespace

bool is_known_time_zone(std::string_view name) {
    return !name.empty() && *make_time_zone(name) != icu::TimeZone::getUnknown();
}

const std::vector<std::string>& time_zones() {
    static const auto names = [] {
        UErrorCode status = U_ZERO_ERROR;
        const std::unique_ptr<icu::StringEnumeration> zones(icu::TimeZone::createTimeZoneIDEnumeration(
            UCAL_ZONE_TYPE_CANONICAL_LOCATION, nullptr, nullptr, status));
        require(status, "list of time zones");
        std::vector<std::string> places;
        while (const char* name = zones->next(nullptr, status))
            places.emplace_back(name);
        std::ranges::sort(places);
        return places;
    }();
    return names;
}

std::string format_date(Moment moment, Language language, std::string_view time_zone) {
    return format_by_pattern(moment, language, time_zone, date_pattern(language));
}

std::string format_date_time(Moment moment, Language language, std::string_view time_zone) {
    return format_by_pattern(moment, language, time_zone, date_time_pattern(language));
}

LocalTime local_time(Moment moment, std::string_view time_zone) {
    const auto zone = is_known_time_zone(time_zone)
                          ? make_time_zone(time_zone)
                          : std::unique_ptr<icu::TimeZone>(icu::TimeZone::getGMT()->clone());
    const auto at = std::chrono::floor<std::chrono::milliseconds>(moment);
    std::int32_t raw = 0, daylight = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone->getOffset(static_cast<UDate>(at.time_since_epoch().count()), false, raw, daylight, status);
    require(status, "time zone");
    const auto local = at + std::chrono::milliseconds(raw + daylight);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    return {static_cast<int>(std::chrono::floor<std::chrono::hours>(local - day).count()),
            static_cast<int>(std::chrono::weekday(day).c_encoding())};
}

std::string format_iso(Moment moment) {
    return format_by_pattern(moment, Language::en, "UTC", "yyyy-MM-dd'T'HH:mm:ss'Z'");
}

std::string format_money(std::int64_t minor_units, std::string_view currency, Language language) {
    struct OfCurrency {
        icu::number::LocalizedNumberFormatter formatter;
        std::string exponent;
    };
    static Kept<std::shared_ptr<const OfCurrency>> formatters;
    const auto kept = formatters.get({std::string(currency), language}, [&] {
        UErrorCode status = U_ZERO_ERROR;
        const icu::CurrencyUnit unit(
            icu::StringPiece(currency.data(), static_cast<std::int32_t>(currency.size())), status);
        require(status, "currency");
        const auto decimals = ucurr_getDefaultFractionDigits(unit.getISOCurrency(), &status);
        require(status, "currency");
        return std::make_shared<const OfCurrency>(
            icu::number::NumberFormatter::with().unit(unit).locale(locale_of(language)),
            "e-" + std::to_string(decimals));
    });
    UErrorCode status = U_ZERO_ERROR;
    const auto text =
        kept->formatter.formatDecimal(std::to_string(minor_units) + kept->exponent, status).toString(status);
    require(status, "amount");
    return to_utf8(text);
}

std::string format_number(std::int64_t number, Language language) {
    UErrorCode status = U_ZERO_ERROR;
    const auto text = icu::number::NumberFormatter::withLocale(locale_of(language))
                          .formatInt(number, status)
                          .toString(status);
    require(status, "number");
    return to_utf8(text);
}

std::string format_duration(std::chrono::seconds duration, Language language) {
    const auto minutes =
        std::max<std::int64_t>(1, std::chrono::round<std::chrono::minutes>(duration).count());
    const auto hours = minutes / 60, rest = minutes % 60;
    const bool german = language == Language::de;
    std::string text;
    if (hours)
        text = std::to_string(hours) + "\u00a0" + (german ? "Std." : hours == 1 ? "hr" : "hrs");
    if (hours && rest)
        text += " ";
    if (rest)
        text += std::to_string(rest) + "\u00a0" + (german ? "Min." : rest == 1 ? "min" : "mins");
    return text;
}

std::string join_list(const std::vector<std::string>& items, Language language) {
    std::vector<icu::UnicodeString> texts;
    for (const auto& item : items)
        texts.push_back(from_utf8(item));
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::ListFormatter> formatter(
        icu::ListFormatter::createInstance(locale_of(language), status));
    icu::UnicodeString joined;
    if (formatter)
        formatter->format(texts.data(), static_cast<std::int32_t>(texts.size()), joined, status);
    require(status, "list");
    return to_utf8(joined);
}

std::string format_address(std::string lines) {
    while (lines.ends_with('\n'))
        lines.pop_back();
    for (auto at = lines.find('\n'); at != std::string::npos; at = lines.find('\n', at))
        lines.replace(at, 1, ", ");
    return lines;
}

std::string country_name(std::string_view code, Language language) {
    static Kept<std::string> names;
    return names.get({std::string(code), language}, [&] {
        icu::UnicodeString name;
        icu::Locale("", std::string(code).c_str()).getDisplayCountry(locale_of(language), name);
        return to_utf8(name);
    });
}

std::string language_name(std::string_view tag, Language language) {
    static Kept<std::string> names;
    return names.get({std::string(tag), language}, [&] {
        icu::UnicodeString name;
        icu::Locale(std::string(tag).c_str()).getDisplayLanguage(locale_of(language), name);
        return to_utf8(name);
    });
}

}  // namespace calyptenora::web
