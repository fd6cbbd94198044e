#pragma once

#include <calyptenora/result.hpp>

#include <chrono>
#include <string_view>
#include <variant>

/// By when a part of a course is to be done. Nothing is taken away afterwards.
namespace calyptenora::platform {

/// Until the end of a day, as the learner's clocks show it.
struct DaysAfterEnrolment {
    int days = 1;
    bool operator==(const DaysAfterEnrolment&) const = default;
};

/// A moment for all, or one that each learner has for themselves.
using DueDate = std::variant<std::chrono::sys_seconds, DaysAfterEnrolment>;

/// "2026-12-24 18:00 Europe/Berlin", "2026-12-24 Europe/Berlin" (the end of the day), "14 days after
/// enrolment", "2 weeks after enrolment". `invalid_input`, with what is wrong and how to write it, for
/// anything else, and for an hour that clocks leave out.
Result<DueDate> parse_due_date(std::string_view text);

/// When it is due for somebody who has been enrolled since then and whose clocks show this zone (IANA; an
/// unknown one counts as UTC).
std::chrono::sys_seconds moment_of(const DueDate& due, std::chrono::sys_seconds enrolled,
                                   std::string_view time_zone);

}  // namespace calyptenora::platform
