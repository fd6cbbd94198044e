#include "storage/stores/due.hpp"

#include <cstdio>

namespace calyptenora::storage::due {
namespace {

/// How the sweep compares a row's moment with the cutoff.
struct Bound {
    std::string_view due, later;
};
constexpr Bound before{"<", ">="}, until{"<=", ">"};

constexpr std::string_view count_sql =
    "select count(case when {0} {2} :a then 1 end), min(case when {0} {2} :b then {0} end), count(case when "
    "{0} {3} :c then 1 end), min(case when {0} {3} :d then {0} end) from {1}";

/// `moment` is a column of `source`; how many rows are due, the oldest, how many are not, and the next.
template <class Moment, class Cutoff>
auto count(Transaction& tx, std::string_view moment, std::string_view source, const Bound& bound,
           const Cutoff& cutoff) {
    const auto sql = fmt::format(fmt::runtime(count_sql), moment, source, bound.due, bound.later);
    return tx
        .find<std::int64_t, std::optional<Moment>, std::int64_t, std::optional<Moment>>(sql, cutoff, cutoff,
                                                                                        cutoff, cutoff)
        .value();
}

Due find(Transaction& tx, std::string_view moment, std::string_view source, const Bound& bound,
         Timestamp cutoff) {
    return std::make_from_tuple<Due>(count<Timestamp>(tx, moment, source, bound, cutoff));
}

/// The end of an ISO 8601 day, in UTC.
std::optional<Timestamp> end_of(const std::optional<std::string>& day) {
    int year = 0;
    unsigned month = 0, of_month = 0;
    if (!day || std::sscanf(day->c_str(), "%4d-%2u-%2u", &year, &month, &of_month) != 3)
        return std::nullopt;
    const std::chrono::sys_days date(std::chrono::year(year) / static_cast<int>(month) /
                                     static_cast<int>(of_month));
    return Timestamp(date + std::chrono::days(1));
}

}  // namespace

constexpr std::string_view ends_of_sessions =
    "(select case when idle_expires_at < absolute_expires_at then idle_expires_at else absolute_expires_at "
    "end as ends from sessions) as open";
Due sessions(Transaction& tx, Timestamp now) {
    return find(tx, "ends", ends_of_sessions, until, now);
}

Due outgoing(Transaction& tx, Timestamp settled_before) {
    return find(tx, "settled_at", "outbox where state in ('delivered', 'dropped', 'failed')", before,
                settled_before);
}

Due attempts(Transaction& tx, Timestamp began_before) {
    return find(tx, "window_start", "throttle", before, began_before);
}

Due leases(Transaction& tx, Timestamp expired_before) {
    return find(tx, "expires_at", "emission_leases", before, expired_before);
}

Due links(Transaction& tx, Timestamp now) {
    return find(tx, "expires_at", "account_links", until, now);
}

Due activity(Transaction& tx, Timestamp happened_before) {
    return find(tx, "at", "account_events", before, happened_before);
}

constexpr std::string_view ends_of_announcements =
    "(select shown_until from announcement_reads join announcements on announcements.id = announcement) as "
    "done";
Due reads(Transaction& tx, Timestamp now) {
    return find(tx, "shown_until", ends_of_announcements, until, now);
}

Due timings(Transaction& tx, Timestamp week_before) {
    return find(tx, "week", "page_timings", before, week_before);
}

Due browsers(Transaction& tx, Timestamp week_before) {
    return find(tx, "week", "browser_views", before, week_before);
}

Due devices(Transaction& tx, Timestamp seen_before) {
    return find(tx, "last_seen", "devices", before, seen_before);
}

Due retained(Transaction& tx, std::string_view today) {
    const auto [rows, oldest, later, next] =
        count<std::string>(tx, "until", "retained_records", before, today);
    return {rows, end_of(oldest), later, end_of(next)};
}

Due tombstones(Transaction& tx, Timestamp cutoff) {
    return find(tx, "at", "tombstones", before, cutoff);
}

}  // namespace calyptenora::storage::due
