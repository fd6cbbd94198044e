#include "platform/minors.hpp"

#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

using namespace std::chrono;

storage::Timestamp on(year_month_day day) {
    return storage::Timestamp(sys_days(day));
}

TEST(Minors, AreOfAgeInTheMonthAfterTheirBirthday) {
    const auto today = on(2026y / November / 25);
    EXPECT_EQ(month_of_age(2012y / April, 16, today), "2028-05") << "born on the 30th, perhaps";
    EXPECT_EQ(month_of_age(2012y / December, 16, today), "2029-01");
    EXPECT_EQ(month_of_age(2012y / April, 14, today), std::nullopt) << "14 in April already";
    EXPECT_EQ(month_of_age(2026y / November, 16, today), "2042-12") << "born this month";
    EXPECT_EQ(month_of_age(2026y / December, 16, today), std::nullopt) << "not born yet";
}

TEST(Minors, OfTheBorderAreTakenAsYounger) {
    EXPECT_EQ(month_of_age(2010y / November, 16, on(2026y / November / 1)), "2026-12");
    EXPECT_EQ(month_of_age(2010y / November, 16, on(2026y / November / 30)), "2026-12");
    EXPECT_EQ(month_of_age(2010y / November, 16, on(2026y / December / 1)), std::nullopt);
}

TEST(Minors, TypeTheirMonth) {
    const auto today = on(2026y / November / 25);
    EXPECT_EQ(month_of_age("4", "2012", 16, today), "2028-05");
    EXPECT_EQ(month_of_age("04", "2012", 16, today), "2028-05");
    for (const auto* month : {"", "0", "13", "4.", "April", "-4", "4 ", "99999999999999999999"})
        EXPECT_FALSE(month_of_age(month, "2012", 16, today)) << month;
    for (const auto* year : {"", "12", "0", "-2012", "20120", "2012a"})
        EXPECT_FALSE(month_of_age("4", year, 16, today)) << year;
}

TEST(Minors, MonthsAreKeptInOneSpelling) {
    EXPECT_TRUE(is_year_month("2030-04"));
    for (const auto* text :
         {"", "2030-4", "2030-13", "2030-00", "2030/04", "04-2030", "2030-04-01", "20a0-04"})
        EXPECT_FALSE(is_year_month(text)) << text;
}

}  // namespace
}  // namespace calyptenora::platform
