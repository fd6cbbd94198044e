#include "platform/rights/deadlines.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {

using namespace std::chrono;

storage::Timestamp months_after(storage::Timestamp moment, int months_later) {
    const auto day = floor<days>(moment);
    auto date = year_month_day(day) + months(months_later);
    if (!date.ok())
        date = date.year() / date.month() / last;
    return sys_days(date) + (moment - day);
}

std::string end_of_year_after(storage::Timestamp moment, int years_later) {
    const year_month_day today(floor<days>(moment));
    return fmt::format("{:04}-12-31", static_cast<int>(today.year()) + years_later);
}

std::string day_of(storage::Timestamp moment) {
    const year_month_day today(floor<days>(moment));
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(today.year()),
                       static_cast<unsigned>(today.month()), static_cast<unsigned>(today.day()));
}

}  // namespace calyptenora::platform
