#include "platform/technical_data.hpp"

#include "gate/transform.hpp"
#include "platform/browser.hpp"
#include "storage/stores/subjects.hpp"

#include <algorithm>
#include <array>

namespace calyptenora::platform {
namespace {

using boost::asio::awaitable;
using std::chrono::days;
using storage::PageMetric;
using storage::Timestamp;

constexpr std::array<std::string_view, 5> screen_classes{"under_600", "under_1024", "under_1440",
                                                         "under_1920", "from_1920"};

/// Coarse enough for people, fine enough for the limits of the Web Vitals (2500 ms, 200 ms, 0.1).
struct BucketRange {
    long long until, step;
};
constexpr std::array bucket_ranges{BucketRange{500, 10}, BucketRange{1'000, 50}, BucketRange{5'000, 100},
                                   BucketRange{slowest_bucket, 1'000}};

Timestamp day_start(Timestamp now) {
    return Timestamp(std::chrono::floor<days>(now));
}

Timestamp week_start(Timestamp now) {
    const auto day = std::chrono::floor<days>(now);
    return Timestamp(day - (std::chrono::weekday(day) - std::chrono::Monday));
}

std::string_view form_of(std::string_view user_agent, std::string_view system) {
    const bool is_mobile = user_agent.find("Mobile") != std::string_view::npos;
    if (system == "iOS" || (system == "Android" && is_mobile))
        return "phone";
    if (system == "iPadOS" || system == "Android")
        return "tablet";
    return system == "other" ? "other" : "computer";
}

const std::string& name_of(const storage::DeviceKind& kind, KindOf by) {
    switch (by) {
        case KindOf::browser:
            return kind.browser;
        case KindOf::system:
            return kind.system;
        case KindOf::form:
            break;
    }
    return kind.form;
}

/// By bucket, how many views.
using Histogram = std::map<long long, long long>;

long long total_of(const Histogram& histogram) {
    long long total = 0;
    for (const auto& [bucket, views] : histogram)
        total += views;
    return total;
}

/// Three quarters are not above this.
long long upper_quartile(const Histogram& histogram, long long total) {
    long long seen = 0;
    for (const auto& [bucket, views] : histogram) {
        seen += views;
        if (4 * seen >= 3 * total)
            return end_of_bucket(bucket);
    }
    return slowest_bucket;
}

long long slowness(const PageFigure& figure) {
    const auto lcp = figure.at_most.find(PageMetric::lcp);
    const auto ttfb = figure.at_most.find(PageMetric::ttfb);
    return lcp != figure.at_most.end() ? lcp->second : ttfb != figure.at_most.end() ? ttfb->second : 0;
}

std::vector<BrowserFigure> make_browser_figures(const std::vector<storage::BrowserCount>& counts,
                                                int smallest_group, long long& small) {
    std::vector<BrowserFigure> figures;
    for (const auto& count : counts) {
        if (count.views < smallest_group)
            ++small;
        else
            figures.push_back({count.kind, count.screen, count.views});
    }
    std::ranges::sort(figures, [](const auto& a, const auto& b) {
        return std::tuple(-a.views, a.kind, a.screen) < std::tuple(-b.views, b.kind, b.screen);
    });
    return figures;
}

std::vector<DeviceFigure> make_device_figures(const std::vector<storage::DeviceCount>& counts, KindOf by,
                                              int smallest_group, long long& small) {
    std::map<std::string, storage::DeviceCount> groups;
    for (const auto& count : counts) {
        auto& group = groups[name_of(count.kind, by)];
        group.devices += count.devices;
        group.returning += count.returning;
    }
    std::vector<DeviceFigure> figures;
    for (const auto& [kind, group] : groups) {
        if (group.devices < smallest_group) {
            ++small;
            continue;
        }
        figures.push_back({kind, group.devices, std::nullopt});
        // Nor of those who came once, which is the difference.
        if (group.returning >= smallest_group && group.devices - group.returning >= smallest_group)
            figures.back().returning = group.returning;
    }
    std::ranges::sort(figures, [](const auto& a, const auto& b) {
        return std::tuple(-a.devices, a.kind) < std::tuple(-b.devices, b.kind);
    });
    return figures;
}

}  // namespace

storage::DeviceKind kind_of_device(std::string_view user_agent) {
    // "Firefox 140, Linux"
    const auto description = describe_browser(user_agent);
    const auto comma = description.find(", ");
    storage::DeviceKind kind;
    kind.browser = description.substr(0, std::min(description.find(' '), comma));
    kind.system = comma == std::string::npos ? "other" : description.substr(comma + 2);
    kind.form = form_of(user_agent, kind.system);
    return kind;
}

long long bucket_of(long long value) {
    for (const auto& [until, step] : bucket_ranges)
        if (value < until)
            return std::max(0LL, value) / step * step;
    return slowest_bucket;
}

long long end_of_bucket(long long bucket) {
    for (const auto& [until, step] : bucket_ranges)
        if (bucket < until)
            return bucket + step;
    return slowest_bucket;
}

bool is_screen_class(std::string_view text) {
    return std::ranges::find(screen_classes, text) != screen_classes.end();
}

bool is_page_counted(std::string_view page) {
    return page != "staff" && !page.starts_with("staff_") && page != "security";
}

std::vector<PageFigure> make_page_figures(const std::vector<storage::TimingCount>& counts, KindOf by,
                                          int smallest_group, long long& small) {
    std::map<std::pair<std::string, std::string>, std::map<PageMetric, Histogram>> groups;
    for (const auto& count : counts)
        groups[{count.page, name_of(count.kind, by)}][count.metric][count.bucket] += count.views;
    std::vector<PageFigure> figures;
    for (const auto& [names, metrics] : groups) {
        PageFigure figure{.page = names.first, .kind = names.second};
        for (const auto& [metric, histogram] : metrics) {
            const auto views = total_of(histogram);
            figure.views = std::max(figure.views, views);
            if (views >= smallest_group)
                figure.at_most[metric] = upper_quartile(histogram, views);
        }
        if (figure.at_most.empty())
            ++small;
        else
            figures.push_back(std::move(figure));
    }
    std::ranges::sort(figures, [](const auto& a, const auto& b) {
        return std::tuple(-slowness(a), a.page, a.kind) < std::tuple(-slowness(b), b.page, b.kind);
    });
    return figures;
}

awaitable<Status> TechnicalData::receive(storage::SubjectId subject, PageReport report,
                                         bool privacy_control) {
    const auto policy = gate_.policy();
    const auto& id = settings::core_technical_id();
    const auto* timings = policy->find_flow(id, Purpose::analytics_reporting_system_performance);
    const auto* browsers = policy->find_flow(id, Purpose::functional_service_improve);
    const auto* devices = policy->find_flow(id, Purpose::analytics_reporting_content_performance);
    const auto kind = kind_of_device(report.user_agent);
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        // A withdrawal holds the same lock: either it comes first and is seen, or it deletes what comes
        // before it.
        if (auto locked = storage::subjects::lock(tx, subject); !locked)
            return locked;
        const auto is_allowed = [&](const gate::PolicyFlow* row) {
            return row != nullptr &&
                   !gate_
                        .explain_within(tx, *row, subject, row->flow.declared & row->flow.granted, true,
                                        privacy_control)
                        .decision.refused;
        };
        const auto now = gate_.clock().now();
        bool any = false;
        if (is_allowed(timings)) {
            any = true;
            for (const auto& [metric, value] : report.timings)
                storage::technical_data::add_timing(tx, week_start(now), report.page, kind, metric,
                                                    bucket_of(value));
        }
        if (is_allowed(browsers)) {
            any = true;
            if (!report.screen.empty())
                storage::technical_data::add_browser(tx, week_start(now), kind, report.screen);
        }
        if (is_allowed(devices)) {
            any = true;
            if (!report.device.empty())
                storage::technical_data::see_device(tx, subject, report.device, kind, day_start(now));
        }
        return any ? Status() : Error(ErrorKind::denied, "this person has not consented to any of it");
    });
}

awaitable<Result<TechnicalFigures>> TechnicalData::list(int weeks, KindOf by) const {
    const auto smallest_group = smallest_group_();
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<TechnicalFigures> {
        namespace store = storage::technical_data;
        TechnicalFigures figures;
        figures.from = week_start(gate_.clock().now()) - days(7 * (weeks - 1));
        figures.smallest_group = smallest_group;
        figures.pages =
            make_page_figures(store::list_timings(tx, figures.from), by, smallest_group, figures.small_pages);
        figures.browsers = make_browser_figures(store::list_browsers(tx, figures.from), smallest_group,
                                                figures.small_browsers);
        figures.devices = make_device_figures(store::count_devices(tx, figures.from), by, smallest_group,
                                              figures.small_devices);
        return figures;
    });
}

}  // namespace calyptenora::platform
