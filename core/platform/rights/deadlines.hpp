#pragma once

#include "storage/clock.hpp"

#include <string>

/// The dates of data-subject requests and of what the law demands to keep. In UTC: a day earlier or later is
/// no matter for months and years.
namespace calyptenora::platform {

/// The same time of day so many months later; the last day of the month where that day is missing (Art. 3 of
/// Regulation (EEC, Euratom) No 1182/71).
storage::Timestamp months_after(storage::Timestamp moment, int months);

/// The last day of the calendar year, so many years after the year of this moment (section 147(4) AO).
/// ISO 8601.
std::string end_of_year_after(storage::Timestamp moment, int years);

/// The day of this moment, ISO 8601.
std::string day_of(storage::Timestamp moment);

}  // namespace calyptenora::platform
