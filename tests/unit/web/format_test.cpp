#include "web/format.hpp"

#include "web/language.hpp"

#include <gtest/gtest.h>

namespace calyptenora::web {
namespace {

using namespace std::chrono_literals;

/// 9 December 2026, 13:03:20 UTC.
constexpr Moment winter{std::chrono::sys_days{std::chrono::year{2026} / 12 / 9} + 13h + 3min + 20s};
constexpr Moment summer{std::chrono::sys_days{std::chrono::year{2026} / 7 / 1} + 22h + 30min};

TEST(Format, DatesFollowLanguageAndTimeZone) {
    EXPECT_EQ(format_date(winter, Language::de, "Europe/Berlin"), "9. Dezember 2026");
    EXPECT_EQ(format_date(winter, Language::en, "Europe/Berlin"), "9 December 2026");
    EXPECT_EQ(format_date_time(winter, Language::de, "Europe/Berlin"), "9. Dezember 2026 um 14:03\u00a0Uhr");
    EXPECT_EQ(format_date_time(winter, Language::en, "America/New_York"), "9 December 2026 at 08:03");
    EXPECT_EQ(format_date_time(summer, Language::de, "Europe/Berlin"), "2. Juli 2026 um 00:30\u00a0Uhr");
    EXPECT_EQ(format_iso(winter), "2026-12-09T13:03:20Z");
}

TEST(Format, UnknownTimeZoneIsUtc) {
    EXPECT_FALSE(is_known_time_zone("Europe/Atlantis"));
    EXPECT_FALSE(is_known_time_zone(""));
    EXPECT_TRUE(is_known_time_zone("Europe/Berlin"));
    EXPECT_TRUE(is_known_time_zone("UTC"));
    EXPECT_EQ(format_date_time(winter, Language::en, "Europe/Atlantis"), "9 December 2026 at 13:03");
}

TEST(Format, MoneyKeepsEachCent) {
    EXPECT_EQ(format_money(4900, "EUR", Language::de), "49,00\u00a0€");
    EXPECT_EQ(format_money(104905, "EUR", Language::de), "1.049,05\u00a0€");
    EXPECT_EQ(format_money(104905, "EUR", Language::en), "€1,049.05");
    EXPECT_EQ(format_money(-1, "EUR", Language::de), "-0,01\u00a0€");
    EXPECT_EQ(format_money(0, "GBP", Language::en), "£0.00");
    EXPECT_EQ(format_money(500, "JPY", Language::en), "JP¥500");
    EXPECT_EQ(format_money(9'007'199'254'740'993, "EUR", Language::en), "€90,071,992,547,409.93");
}

TEST(Format, NumbersAndLengths) {
    EXPECT_EQ(format_number(12345, Language::de), "12.345");
    EXPECT_EQ(format_number(12345, Language::en), "12,345");
    EXPECT_EQ(format_duration(4800s, Language::de), "1\u00a0Std. 20\u00a0Min.");
    EXPECT_EQ(format_duration(7200s, Language::en), "2\u00a0hrs");
    EXPECT_EQ(format_duration(3s, Language::en), "1\u00a0min");
}

TEST(Format, AnAddressStandsInOneLine) {
    EXPECT_EQ(format_address("Weg 1\n12345 Ort\n"), "Weg 1, 12345 Ort");
    EXPECT_EQ(format_address("Weg 1, 12345 Ort"), "Weg 1, 12345 Ort");
    EXPECT_EQ(format_address("\n"), "");
}

TEST(Format, ListsReadLikeSentences) {
    EXPECT_EQ(join_list({}, Language::de), "");
    EXPECT_EQ(join_list({"a"}, Language::de), "a");
    EXPECT_EQ(join_list({"a", "b"}, Language::de), "a und b");
    EXPECT_EQ(join_list({"a", "b", "c"}, Language::de), "a, b und c");
    EXPECT_EQ(join_list({"a", "b", "c"}, Language::en), "a, b and c");
}

TEST(Format, NamesOfCountriesAndLanguages) {
    EXPECT_EQ(country_name("US", Language::de), "Vereinigte Staaten");
    EXPECT_EQ(country_name("DE", Language::en), "Germany");
    EXPECT_EQ(country_name("XQ", Language::en), "XQ");
    EXPECT_EQ(language_name("en", Language::de), "Englisch");
}

TEST(NegotiateLanguage, HighestQualityWins) {
    EXPECT_EQ(negotiate_language("de-AT,en;q=0.8", Language::en), Language::de);
    EXPECT_EQ(negotiate_language("fr, en;q=0.5, de;q=0.9", Language::en), Language::de);
    EXPECT_EQ(negotiate_language("EN-gb", Language::de), Language::en);
    EXPECT_EQ(negotiate_language("en;q=0.5,de;q=0.5", Language::de), Language::en);
}

TEST(NegotiateLanguage, NothingUsefulFallsBack) {
    for (const auto* header : {"", "fr", "*", ";;,,", "de;q=0", "de;q=nonsense", "deutsch", "q=1"})
        EXPECT_EQ(negotiate_language(header, Language::en), Language::en) << header;
}

TEST(LocalTime, IsWhatAClockThereShows) {
    using namespace std::chrono;
    const auto at = [](sys_days day, hours hour, std::string_view zone) {
        const auto local = local_time(Moment(day + hour), zone);
        return std::pair(local.hour, local.weekday);
    };
    EXPECT_EQ(at(2026y / 11 / 25, hours(12), "Europe/Berlin"), std::pair(13, 3));
    EXPECT_EQ(at(2026y / 7 / 25, hours(12), "Europe/Berlin"), std::pair(14, 6));
    EXPECT_EQ(at(2026y / 11 / 28, hours(23), "Europe/Berlin"), std::pair(0, 0)) << "Sunday already";
    EXPECT_EQ(at(1969y / 12 / 31, hours(22), "UTC"), std::pair(22, 3));
    EXPECT_EQ(at(2026y / 11 / 25, hours(12), "Nowhere/Land"), std::pair(12, 3));
}

}  // namespace
}  // namespace calyptenora::web
