#include "platform/courses/due_date.hpp"

#include <fmt/format.h>
#include <unicode/gregocal.h>
#include <unicode/timezone.h>

#include <charconv>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace calyptenora::platform {

namespace {

namespace chr = std::chrono;

constexpr std::string_view how_to =
    "write \"2026-12-24 18:00 Europe/Berlin\", or \"14 days after enrolment\"";

/// What a calendar and a clock on a wall show.
struct WallTime {
    chr::year_month_day day;
    int hour = 23;
    int minute = 59;
};

std::unique_ptr<icu::TimeZone> make_zone(std::string_view name) {
    return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(
        icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())))));
}

void require(UErrorCode status) {
    if (U_FAILURE(status))
        throw std::runtime_error(std::string("calendar: ") + u_errorName(status));
}

icu::GregorianCalendar make_calendar(const icu::TimeZone& zone) {
    UErrorCode status = U_ZERO_ERROR;
    icu::GregorianCalendar calendar(zone, status);
    require(status);
    return calendar;
}

/// Of an hour that comes twice, the second; of one that is left out, as far behind the gap.
chr::sys_seconds moment_on_wall(const WallTime& wall, const icu::TimeZone& zone) {
    auto calendar = make_calendar(zone);
    calendar.clear();
    calendar.set(int(wall.day.year()), int(unsigned(wall.day.month())) - 1, int(unsigned(wall.day.day())),
                 wall.hour, wall.minute);
    UErrorCode status = U_ZERO_ERROR;
    const UDate at = calendar.getTime(status);
    require(status);
    return chr::sys_seconds(chr::seconds(std::int64_t(at) / 1000));
}

WallTime wall_at(chr::sys_seconds moment, const icu::TimeZone& zone) {
    auto calendar = make_calendar(zone);
    UErrorCode status = U_ZERO_ERROR;
    calendar.setTime(UDate(moment.time_since_epoch().count()) * 1000, status);
    const auto field = [&](UCalendarDateFields name) { return int(calendar.get(name, status)); };
    const WallTime wall{chr::year(field(UCAL_YEAR)) / (field(UCAL_MONTH) + 1) / field(UCAL_DATE),
                        field(UCAL_HOUR_OF_DAY), field(UCAL_MINUTE)};
    require(status);
    return wall;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto begin = text.find_first_not_of(' ');
        if (begin == std::string_view::npos)
            break;
        const auto end = std::min(text.find(' ', begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        text.remove_prefix(end);
    }
    return words;
}

// Digits only, all of it.
std::optional<int> find_number(std::string_view text) {
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || text.empty() || text.front() == '-')
        return std::nullopt;
    return number;
}

std::optional<chr::year_month_day> find_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return std::nullopt;
    const auto year = find_number(text.substr(0, 4));
    const auto month = find_number(text.substr(5, 2));
    const auto day = find_number(text.substr(8, 2));
    if (!year || !month || !day)
        return std::nullopt;
    const chr::year_month_day found{chr::year(*year), chr::month(unsigned(*month)), chr::day(unsigned(*day))};
    return found.ok() ? std::optional(found) : std::nullopt;
}

Result<DueDate> days_after_enrolment(std::string_view number, std::string_view unit) {
    const int factor = unit == "day" || unit == "days" ? 1 : unit == "week" || unit == "weeks" ? 7 : 0;
    const auto count = find_number(number);
    if (factor == 0 || !count || *count < 1 || *count > 1000)
        return Error(ErrorKind::invalid_input,
                     fmt::format("\"{} {}\" is no time after the enrolment; {}", number, unit, how_to));
    return DueDate(DaysAfterEnrolment{*count * factor});
}

}  // namespace

Result<DueDate> parse_due_date(std::string_view text) {
    const auto words = words_of(text);
    if (words.size() == 4 && words[2] == "after" && words[3] == "enrolment")
        return days_after_enrolment(words[0], words[1]);
    const auto day = words.empty() ? std::nullopt : find_day(words.front());
    if (!day)
        return Error(ErrorKind::invalid_input, fmt::format("\"{}\" is no date; {}", text, how_to));
    WallTime wall{*day};
    std::size_t next = 1;
    if (words.size() > next && words[next].find(':') != std::string_view::npos) {
        const std::string_view clock = words[next++];
        const auto colon = clock.find(':');
        const auto hour = find_number(clock.substr(0, colon));
        const auto minute = find_number(clock.substr(colon + 1));
        if (!hour || !minute || *hour > 23 || *minute > 59 || clock.size() - colon != 3)
            return Error(ErrorKind::invalid_input, fmt::format("\"{}\" is no time; {}", clock, how_to));
        wall.hour = *hour;
        wall.minute = *minute;
    }
    if (words.size() != next + 1)
        return Error(ErrorKind::invalid_input,
                     fmt::format("\"{}\" does not say whose clocks are meant; {}", text, how_to));
    const auto zone = make_zone(words[next]);
    if (*zone == icu::TimeZone::getUnknown())
        return Error(ErrorKind::invalid_input,
                     fmt::format("\"{}\" is no time zone; {}", words[next], how_to));
    const auto moment = moment_on_wall(wall, *zone);
    const auto shown = wall_at(moment, *zone);
    if (shown.hour != wall.hour || shown.minute != wall.minute)
        return Error(ErrorKind::invalid_input,
                     fmt::format("on that day clocks in {} leave {:02}:{:02} out; name another hour",
                                 words[next], wall.hour, wall.minute));
    return DueDate(moment);
}

chr::sys_seconds moment_of(const DueDate& due, chr::sys_seconds enrolled, std::string_view time_zone) {
    if (const auto* moment = std::get_if<chr::sys_seconds>(&due))
        return *moment;
    auto zone = make_zone(time_zone);
    if (*zone == icu::TimeZone::getUnknown())
        zone.reset(icu::TimeZone::getGMT()->clone());
    const auto first = wall_at(enrolled, *zone).day;
    return moment_on_wall({chr::sys_days(first) + chr::days(std::get<DaysAfterEnrolment>(due).days)}, *zone);
}

}  // namespace calyptenora::platform
