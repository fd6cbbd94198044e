#pragma once

#include "storage/transaction.hpp"

#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How much a platform is used, week by week: numbers of people, and nothing about any of them. What is too
/// small to be said is never stored. Caller: platform.
namespace calyptenora::storage {

/// What is counted: people, each once in a week.
enum class Measure : unsigned char {
    new_accounts,
    active,     ///< Worked at any course.
    active_in,  ///< The same, by course.
    enrolled,   ///< By course.
    finished,   ///< Finished a lesson, by course.
    paid,       ///< By course.
    asked,      ///< Wrote to the help desk.
    allowed,    ///< Consented to a plugin, by plugin.
    refused,    ///< Refused or withdrew, by plugin.
};
BOOST_DESCRIBE_ENUM(Measure, new_accounts, active, active_in, enrolled, finished, paid, asked, allowed,
                    refused)

struct Figure {
    std::string week;  ///< Its Monday, ISO 8601.
    Measure measure{};
    std::string part;  ///< Course or plugin; empty where there are none.
    long long people = 0;

    bool operator==(const Figure&) const = default;
};

namespace figures {

/// Counts whoever did what is measured from `from` until before `until`, without those who have objected to
/// anything or whose data are restricted (Art. 18 and 21 GDPR). Nothing of it may be shown as it is.
std::vector<Figure> count(Transaction& tx, Measure measure, std::string_view week, Timestamp from,
                          Timestamp until);

/// Takes a week to be counted by the caller; false if it has been before. `minimum`: the smallest group that
/// is kept of it.
bool open_week(Transaction& tx, std::string_view week, int minimum, Timestamp now);
void put(Transaction& tx, const Figure& figure);

/// The last week that was counted.
std::optional<std::string> last_week(Transaction& tx);
/// From this week on: by week, measure, part.
std::vector<Figure> list(Transaction& tx, std::string_view from_week);
/// The weeks that were counted, from this one on, also those of which nothing could be kept.
std::vector<std::string> list_weeks(Transaction& tx, std::string_view from_week);
/// Deletes what is of weeks before. Returns how many weeks.
long long sweep(Transaction& tx, std::string_view before_week);

}  // namespace figures
}  // namespace calyptenora::storage
