#pragma once

#include "storage/clock.hpp"

#include <chrono>
#include <optional>
#include <string>

/// Who is too young to consent alone (Art. 8 GDPR; consent.md rule 16). Pure functions.
namespace calyptenora::platform {

/// The first month (`YYYY-MM`) in which somebody born in the month `born` is of age on every day of it,
/// whatever their birthday. All that is kept of the date. Nothing if that month has come already, or
/// nobody can have been born then yet: then the date does not fit somebody who is younger.
std::optional<std::string> month_of_age(std::chrono::year_month born, int age_of_consent,
                                        storage::Timestamp now);

/// The same for a month that somebody typed (`4` and `2012`).
std::optional<std::string> month_of_age(const std::string& month, const std::string& year, int age_of_consent,
                                        storage::Timestamp now);

/// Whether a text is a month as it is kept: `2030-04`.
bool is_year_month(const std::string& text);

}  // namespace calyptenora::platform
