#include "storage/stores/due.hpp"

#include <cstdio>

namespace calyptenora::storage::due {
namespace {

Due find(Transaction& tx, std::string_view sql, Timestamp cutoff) {
    const auto [rows, oldest, later, next] =
        tx.find<std::int64_t, std::optional<Timestamp>, std::int64_t, std::optional<Timestamp>>(
              sql, cutoff, cutoff, cutoff, cutoff)
            .value();
    return {rows, oldest, later, next};
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

constexpr std::string_view sessions_sql =
    "select count(case when ends <= :a then 1 end), min(case when ends <= :b then ends end), count(case when "
    "ends > :c then 1 end), min(case when ends > :d then ends end) from (select case when idle_expires_at < "
    "absolute_expires_at then idle_expires_at else absolute_expires_at end as ends from sessions) as open";
Due sessions(Transaction& tx, Timestamp now) {
    return find(tx, sessions_sql, now);
}

constexpr std::string_view outgoing_sql =
    "select count(case when settled_at < :a then 1 end), min(case when settled_at < :b then settled_at end), "
    "count(case when settled_at >= :c then 1 end), min(case when settled_at >= :d then settled_at end) from "
    "outbox where state in ('delivered', 'dropped', 'failed')";
Due outgoing(Transaction& tx, Timestamp settled_before) {
    return find(tx, outgoing_sql, settled_before);
}

constexpr std::string_view attempts_sql =
    "select count(case when window_start < :a then 1 end), min(case when window_start < :b then window_start "
    "end), count(case when window_start >= :c then 1 end), min(case when window_start >= :d then "
    "window_start "
    "end) from throttle";
Due attempts(Transaction& tx, Timestamp began_before) {
    return find(tx, attempts_sql, began_before);
}

constexpr std::string_view leases_sql =
    "select count(case when expires_at < :a then 1 end), min(case when expires_at < :b then expires_at end), "
    "count(case when expires_at >= :c then 1 end), min(case when expires_at >= :d then expires_at end) from "
    "emission_leases";
Due leases(Transaction& tx, Timestamp expired_before) {
    return find(tx, leases_sql, expired_before);
}

constexpr std::string_view retained_sql =
    "select count(case when until < :a then 1 end), min(case when until < :b then until end), count(case "
    "when "
    "until >= :c then 1 end), min(case when until >= :d then until end) from retained_records";
Due retained(Transaction& tx, std::string_view today) {
    const auto [rows, oldest, later, next] =
        tx.find<std::int64_t, std::optional<std::string>, std::int64_t, std::optional<std::string>>(
              retained_sql, today, today, today, today)
            .value();
    return {rows, end_of(oldest), later, end_of(next)};
}

constexpr std::string_view tombstones_sql =
    "select count(case when at < :a then 1 end), min(case when at < :b then at end), count(case when at >= "
    ":c "
    "then 1 end), min(case when at >= :d then at end) from tombstones";
Due tombstones(Transaction& tx, Timestamp before) {
    return find(tx, tombstones_sql, before);
}

}  // namespace calyptenora::storage::due
