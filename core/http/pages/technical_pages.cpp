#include "http/cookies.hpp"
#include "http/pages/visit.hpp"
#include "platform/technical_data.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <charconv>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

/// Longer than any page takes; what says more is nonsense.
constexpr long long longest_timing = 10 * 60 * 1000;

std::optional<long long> read_timing(std::string_view text) {
    long long value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    const bool is_number = read.ec == std::errc() && read.ptr == end;
    return is_number && value >= 0 && value <= longest_timing ? std::optional(value) : std::nullopt;
}

/// What of a report makes sense; nothing if it is of no page that is counted.
std::optional<platform::PageReport> read_report(const Visit& visit) {
    const auto pages = visit.services().renderer.pages();
    platform::PageReport report{.page = visit.field("page"), .user_agent = visit.facts().user_agent};
    if (std::ranges::find(pages, report.page) == pages.end() || !platform::is_page_counted(report.page))
        return std::nullopt;
    using Metrics = boost::describe::describe_enumerators<storage::PageMetric>;
    boost::mp11::mp_for_each<Metrics>([&](auto metric) {
        if (const auto value = read_timing(visit.field(metric.name)))
            report.timings[metric.value] = *value;
    });
    if (auto screen = visit.field("screen"); platform::is_screen_class(screen))
        report.screen = std::move(screen);
    if (const auto device = visit.device())
        report.device = *device;
    return report;
}

/// Pages that are left tell nobody what became of their report, so an answer is a number and no page.
awaitable<Response> receive(Visit& visit, const PathParams&) {
    const auto subject = visit.subject();
    if (!subject)
        co_return Response::make_empty(403);
    if (visit.services().reports_per_subject.take(subject->text(), RateLimiter::Clock::now()))
        co_return Response::make_empty(429);
    auto report = read_report(visit);
    if (!report)
        co_return Response::make_empty(400);
    const auto counted = co_await visit.services().technical_data.receive(
        *subject, std::move(*report), visit.request().signals_global_privacy_control());
    if (counted)
        co_return Response::make_empty(204);
    co_return Response::make_empty(counted.error().kind == ErrorKind::temporary ? 503 : 403);
}

}  // namespace

void add_technical_pages(PageRoutes& routes) {
    routes.post("/technical-data", receive, {.max_body_bytes = 2048});
}

}  // namespace calyptenora::http
