#pragma once

#include "web/language.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Dates, times, amounts and lists as people read them in German (Germany) and English (United Kingdom), by
/// ICU. All functions may be called from any thread. Blanks inside amounts and times are no-break.
namespace calyptenora::web {

using Moment = std::chrono::sys_time<std::chrono::microseconds>;

/// True for a name of the IANA time zone database ("Europe/Berlin") that this machine knows.
bool is_known_time_zone(std::string_view name);

/// The places by which people choose their time ("Europe/Berlin", "America/Lima"), in the order of the
/// alphabet.
const std::vector<std::string>& time_zones();

/// "9. Dezember 2026", "9 December 2026". An unknown time zone counts as UTC, here and below.
std::string format_date(Moment moment, Language language, std::string_view time_zone);

/// "9. Dezember 2026 um 14:03 Uhr", "9 December 2026 at 14:03".
std::string format_date_time(Moment moment, Language language, std::string_view time_zone);

/// What a clock and a calendar at a place show.
struct LocalTime {
    int hour;     ///< 0 to 23.
    int weekday;  ///< 0 is Sunday.
};
LocalTime local_time(Moment moment, std::string_view time_zone);

/// For the `datetime` attribute: "2026-12-09T13:03:00Z".
std::string format_iso(Moment moment);

/// An amount of money from its minor units and ISO 4217 code: "1.049,00 €", "€1,049.00".
std::string format_money(std::int64_t minor_units, std::string_view currency, Language language);

/// "12.345", "12,345".
std::string format_number(std::int64_t number, Language language);

/// A length of time in the two largest units: "1 Std. 20 Min.", "1 hr 20 mins"; under a minute "1 Min.".
std::string format_duration(std::chrono::seconds duration, Language language);

/// "a, b und c", "a, b and c".
std::string join_list(const std::vector<std::string>& items, Language language);

/// The lines of a postal address in one: "Weg 1, 12345 Ort".
std::string format_address(std::string lines);

/// The name of an ISO 3166-1 alpha-2 country: "USA" is "Vereinigte Staaten"; an unknown code is returned as
/// it is.
std::string country_name(std::string_view code, Language language);

/// The name of a language by its tag, in the page's language: "Deutsch", "German".
std::string language_name(std::string_view tag, Language language);

}  // namespace calyptenora::web
