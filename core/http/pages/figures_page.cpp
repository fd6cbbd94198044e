#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "platform/figures.hpp"
#include "platform/technical_data.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

constexpr int weeks_shown = 8;

/// A course by its title, a plugin by who is behind it.
std::string part_text(const Visit& visit, const platform::Catalogue& catalogue, const std::string& part) {
    const auto policy = visit.services().gate.policy();
    if (const auto id = settings::parse_instance_id(part))
        if (const auto* instance = policy->find_instance(*id))
            return instance->recipient.legal_name;
    if (const auto* course = catalogue.find_course(part))
        return course->title;
    return part;
}

boost::json::array cells_of(const Visit& visit, const platform::FigureRow& row) {
    boost::json::array cells;
    for (const auto& people : row.people)
        cells.push_back(
            {{"text", people ? web::format_number(*people, visit.language()) : std::string("–")}});
    return cells;
}

constexpr int weeks_timed = 4;

std::string time_text(const Visit& visit, const platform::PageFigure& figure, storage::PageMetric metric) {
    const auto found = figure.at_most.find(metric);
    if (found == figure.at_most.end())
        return "–";
    if (metric != storage::PageMetric::cls)
        return web::format_number(found->second, visit.language()) + " ms";
    auto text = fmt::format("{:.2f}", static_cast<double>(found->second) / 1000);
    if (visit.language() == web::Language::de)
        text[1] = ',';
    return text;
}

boost::json::object timed_view(const Visit& visit, const platform::TechnicalFigures& figures) {
    using enum storage::PageMetric;
    boost::json::array pages;
    for (const auto& figure : figures.pages)
        pages.push_back({{"page", figure.page},
                         {"device", visit.text(fmt::format("device_form.{}", figure.kind))},
                         {"views", web::format_number(figure.views, visit.language())},
                         {"lcp", time_text(visit, figure, lcp)},
                         {"ttfb", time_text(visit, figure, ttfb)},
                         {"inp", time_text(visit, figure, inp)},
                         {"cls", time_text(visit, figure, cls)}});
    return {{"lead", visit.text("figures.pages_lead", {{"count", std::to_string(figures.smallest_group)}})},
            {"pages", std::move(pages)}};
}

awaitable<Response> show_figures(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto standing = co_await visit.services().staff.standing(visit.learner()->id);
    if (!standing || !standing->permissions().contains(platform::Permission::see_figures))
        co_return visit.not_found();
    const auto table = co_await visit.services().figures.list(weeks_shown);
    if (!table)
        co_return visit.problem(table.error());
    boost::json::array weeks, groups;
    for (const auto& week : table->weeks)
        weeks.push_back({{"text", day_text(visit, week)}});
    const auto catalogue = visit.services().catalogue.current();
    std::optional<storage::Measure> measure;
    for (const auto& row : table->rows) {
        if (measure != row.measure)
            groups.push_back(
                {{"title",
                  visit.text(fmt::format("people_who.{}", boost::describe::enum_to_string(row.measure, "")))},
                 {"rows", boost::json::array()}});
        measure = row.measure;
        groups.back().as_object().at("rows").as_array().push_back(
            {{"part", row.part.empty() ? visit.text("figures.all") : part_text(visit, *catalogue, row.part)},
             {"cells", cells_of(visit, row)}});
    }
    const auto smallest = std::to_string(visit.services().settings()->figures.smallest_group);
    boost::json::object view{{"lead", visit.text("figures.lead", {{"count", smallest}})},
                             {"weeks", std::move(weeks)},
                             {"groups", std::move(groups)}};
    if (visit.services().settings()->technical_data.performance) {
        const auto timed = co_await visit.services().technical_data.list(weeks_timed, platform::KindOf::form);
        if (!timed)
            co_return visit.problem(timed.error());
        view["timed"] = timed_view(visit, *timed);
    }
    co_return visit.page("staff_figures", std::move(view));
}

}  // namespace

void add_figures_page(PageRoutes& routes) {
    routes.get("/staff/figures", show_figures);
}

}  // namespace calyptenora::http
