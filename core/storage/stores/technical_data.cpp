#include "storage/stores/technical_data.hpp"

#include "settings/instance_id.hpp"
#include "storage/text.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

namespace calyptenora::storage::technical_data {

constexpr std::string_view add_timing_sql =
    "insert into page_timings (week, page, form, browser, system, metric, bucket, views) "
    "values (:week, :page, :form, :browser, :system, :metric, :bucket, 1) "
    "on conflict (week, page, form, browser, system, metric, bucket) do update set views = "
    "page_timings.views + 1";
void add_timing(Transaction& tx, Timestamp week, std::string_view page, const DeviceKind& kind,
                PageMetric metric, long long bucket) {
    tx.execute(add_timing_sql, week, page, kind.form, kind.browser, kind.system,
               std::string_view(boost::describe::enum_to_string(metric, "")), bucket);
}

constexpr std::string_view add_browser_sql =
    "insert into browser_views (week, form, browser, system, screen, views) "
    "values (:week, :form, :browser, :system, :screen, 1) "
    "on conflict (week, form, browser, system, screen) do update set views = browser_views.views + 1";
void add_browser(Transaction& tx, Timestamp week, const DeviceKind& kind, std::string_view screen) {
    tx.execute(add_browser_sql, week, kind.form, kind.browser, kind.system, screen);
}

constexpr std::string_view see_device_sql =
    "insert into devices (subject, device, form, browser, system, first_seen, last_seen, days) "
    "values (:subject, :device, :form, :browser, :system, :first_seen, :last_seen, 1) "
    "on conflict (subject, device) do update set form = excluded.form, browser = excluded.browser, "
    "system = excluded.system, days = devices.days + case when devices.last_seen < excluded.last_seen then 1 "
    "else 0 end, "
    "last_seen = excluded.last_seen";
void see_device(Transaction& tx, const SubjectId& subject, std::string_view identifier,
                const DeviceKind& kind, Timestamp day) {
    tx.execute(see_device_sql, subject, sha256_hex(subject.text() + '\n' + std::string(identifier)),
               kind.form, kind.browser, kind.system, day, day);
}

constexpr std::string_view forget_devices_sql =
    "delete from devices where subject = :subject or subject in (select id from subjects where merged_into = "
    ":account)";
void forget_withdrawn(Transaction& tx, const SubjectId& subject, std::string_view instance, Purpose purpose) {
    if (instance == settings::core_technical_id().text() &&
        purpose == Purpose::analytics_reporting_content_performance)
        tx.execute(forget_devices_sql, subject, subject);
}

constexpr std::string_view list_timings_sql =
    "select page, form, browser, system, metric, bucket, cast(sum(views) as bigint) from page_timings "
    "where week >= :from_week group by page, form, browser, system, metric, bucket "
    "order by page, form, browser, system, metric, bucket";
std::vector<TimingCount> list_timings(Transaction& tx, Timestamp from_week) {
    std::vector<TimingCount> counts;
    for (auto& [page, form, browser, system, name, bucket, views] :
         tx.rows<std::string, std::string, std::string, std::string, std::string, long long, long long>(
             list_timings_sql, from_week)) {
        PageMetric metric{};
        if (boost::describe::enum_from_string(name.c_str(), metric))
            counts.push_back({std::move(page),
                              {std::move(form), std::move(browser), std::move(system)},
                              metric,
                              bucket,
                              views});
    }
    return counts;
}

constexpr std::string_view list_browsers_sql =
    "select form, browser, system, screen, cast(sum(views) as bigint) from browser_views where week >= "
    ":from_week "
    "group by form, browser, system, screen order by form, browser, system, screen";
std::vector<BrowserCount> list_browsers(Transaction& tx, Timestamp from_week) {
    std::vector<BrowserCount> counts;
    for (auto& [form, browser, system, screen, views] :
         tx.rows<std::string, std::string, std::string, std::string, long long>(list_browsers_sql, from_week))
        counts.push_back(
            {{std::move(form), std::move(browser), std::move(system)}, std::move(screen), views});
    return counts;
}

constexpr std::string_view count_devices_sql =
    "select form, browser, system, count(*), count(case when days > 1 then 1 end) from devices "
    "where last_seen >= :from_day and subject not in (select id from learners where state <> 'active') "
    "and subject not in (select guests.id from subjects guests join learners on learners.id = "
    "guests.merged_into where learners.state <> 'active') "
    "group by form, browser, system order by form, browser, system";
std::vector<DeviceCount> count_devices(Transaction& tx, Timestamp from_day) {
    std::vector<DeviceCount> counts;
    for (auto& [form, browser, system, devices, returning] :
         tx.rows<std::string, std::string, std::string, long long, long long>(count_devices_sql, from_day))
        counts.push_back({{std::move(form), std::move(browser), std::move(system)}, devices, returning});
    return counts;
}

constexpr std::string_view sweep_timings_sql = "delete from page_timings where week < :before";
long long sweep_timings(Transaction& tx, Timestamp before) {
    return tx.execute(sweep_timings_sql, before);
}

constexpr std::string_view sweep_browsers_sql = "delete from browser_views where week < :before";
long long sweep_browsers(Transaction& tx, Timestamp before) {
    return tx.execute(sweep_browsers_sql, before);
}

constexpr std::string_view sweep_devices_sql = "delete from devices where last_seen < :before";
long long sweep_devices(Transaction& tx, Timestamp before) {
    return tx.execute(sweep_devices_sql, before);
}

}  // namespace calyptenora::storage::technical_data
