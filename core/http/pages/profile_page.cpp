#include "http/pages/account_problems.hpp"
#include "http/pages/visit.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

/// The choices for one enumeration; what is not chosen is as the browser has it.
template <class E>
boost::json::array choices_of(const Visit& visit, std::string_view group, const std::optional<E>& chosen) {
    boost::json::array choices{{{"value", ""},
                                {"text", visit.text(fmt::format("{}.default", group))},
                                {"selected", !chosen.has_value()}}};
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto entry) {
        choices.push_back({{"value", entry.name},
                           {"text", visit.text(fmt::format("{}.{}", group, entry.name))},
                           {"selected", chosen == entry.value}});
    });
    return choices;
}

template <class E>
std::optional<E> read_choice(const std::string& text) {
    E chosen{};
    return boost::describe::enum_from_string(text.c_str(), chosen) ? std::optional(chosen) : std::nullopt;
}

boost::json::array languages_view(const Visit& visit) {
    boost::json::array languages;
    for (const auto language : web::languages)
        languages.push_back({{"tag", web::tag_of(language)},
                             {"name", web::language_name(web::tag_of(language), visit.language())},
                             {"selected", language == visit.language()}});
    return languages;
}

boost::json::array time_zones_view(const std::string& chosen) {
    boost::json::array zones;
    for (const auto& name : web::time_zones())
        zones.push_back({{"name", name}, {"selected", name == chosen}});
    return zones;
}

awaitable<Response> show(Visit& visit, const std::optional<FieldProblem>& problem) {
    const auto* learner = visit.learner();
    const auto& presentation = learner->presentation;
    const auto education = co_await visit.services().profile.education(learner->id);
    if (!education)
        co_return visit.problem(education.error());
    boost::json::object view{{"name", visit.viewer()->display_name.reveal(gate::ForSubject{}).value_or("")},
                             {"fields",
                              {{"education",
                                {{"value", problem ? visit.field("education")
                                                   : education->reveal(gate::ForSubject{}).value_or("")}}}}},
                             {"languages", languages_view(visit)},
                             {"time_zones", time_zones_view(presentation.time_zone.value_or(""))},
                             {"default_zone", !presentation.time_zone.has_value()},
                             {"themes", choices_of(visit, "theme", presentation.theme)},
                             {"text_sizes", choices_of(visit, "text_size", presentation.text_size)}};
    if (problem)
        add_problem(view, *problem);
    co_return visit.page("profile", std::move(view), Section::account, problem ? 422 : 200);
}

awaitable<Response> show_profile(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    co_return co_await show(visit, std::nullopt);
}

awaitable<Response> save_profile(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto language = web::find_language(visit.field("language")).value_or(visit.language());
    auto education = visit.field("education");
    if (education.size() > platform::Profile::longest_education)
        co_return co_await show(
            visit,
            FieldProblem{"education",
                         visit.text("problem.too_long",
                                    {{"limit", std::to_string(platform::Profile::longest_education)}})});
    auto zone = visit.field("time_zone");
    if (!zone.empty() && !web::is_known_time_zone(zone))
        co_return co_await show(visit, FieldProblem{"time_zone", visit.text("problem.time_zone_unknown")});
    const auto saved = co_await visit.services().profile.save(
        visit.learner()->id,
        {.language = std::string(web::tag_of(language)),
         .education = std::move(education),
         .presentation = {.time_zone = zone.empty() ? std::nullopt : std::optional(std::move(zone)),
                          .theme = read_choice<storage::Theme>(visit.field("theme")),
                          .text_size = read_choice<storage::TextSize>(visit.field("text_size"))}});
    if (!saved)
        co_return visit.problem(saved.error());
    auto response = visit.back_to("/account/profile", "saved");
    response.cookies.push_back(make_own_cookie(platform::language_cookie, web::tag_of(language)));
    co_return response;
}

}  // namespace

void add_profile_page(PageRoutes& routes) {
    routes.get("/account/profile", show_profile);
    routes.post("/account/profile", save_profile);
}

}  // namespace calyptenora::http
