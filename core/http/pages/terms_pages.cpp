#include "http/pages/terms_pages.hpp"

#include "http/pages/words.hpp"
#include "platform/courses/markdown.hpp"

#include <algorithm>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using storage::TermsVersion;

/// The page has a heading of its own.
std::string html_of(const std::string& markdown) {
    auto html = platform::parse_markdown(markdown);
    for (auto& node : html.nodes)
        if (node.tag == "h1")
            node.tag = "h2";
    return platform::write_html(html.nodes).str();
}

std::string url_of(const TermsVersion& version) {
    return fmt::format("/terms/versions/{}", version.number);
}

boost::json::object terms_view(const Visit& visit, const TermsVersion& version,
                               const std::vector<TermsVersion>& versions) {
    boost::json::array others;
    for (const auto& other : versions)
        if (other.number != version.number)
            others.push_back(
                {{"number", other.number}, {"url", url_of(other)}, {"on", date_text(visit, other.made_at)}});
    return {{"number", version.number},
            {"on", date_text(visit, version.made_at)},
            {"text_html", html_of(visit.language() == web::Language::de ? version.de : version.en)},
            {"others", std::move(others)}};
}

awaitable<Response> show_terms(Visit& visit, const PathParams&) {
    const auto current = visit.services().terms.current();
    if (!current)
        co_return visit.not_found();
    const auto versions = co_await visit.services().terms.list();
    if (!versions)
        co_return visit.problem(versions.error());
    auto view = terms_view(visit, *current, *versions);
    view["holds"] = true;
    if (visit.learner()) {
        const auto accepted = co_await visit.services().terms.acceptance(visit.learner()->id);
        if (!accepted)
            co_return visit.problem(accepted.error());
        if (*accepted)
            view["accepted"] = {{"on", date_text(visit, (**accepted).accepted_at)},
                                {"number", (**accepted).version}};
        view["to_accept"] = !*accepted || (**accepted).version != current->number;
    }
    co_return visit.page("terms", std::move(view));
}

awaitable<Response> show_version(Visit& visit, const PathParams& path) {
    const auto versions = co_await visit.services().terms.list();
    if (!versions)
        co_return visit.problem(versions.error());
    const auto found = std::ranges::find_if(
        *versions, [&](const auto& version) { return std::to_string(version.number) == path.at("number"); });
    if (found == versions->end())
        co_return visit.not_found();
    auto view = terms_view(visit, *found, *versions);
    const auto current = visit.services().terms.current();
    view["holds"] = current && current->number == found->number;
    co_return visit.page("terms", std::move(view));
}

awaitable<Response> accept_terms(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto current = visit.services().terms.current();
    // Another version than the one that was shown: it is shown now.
    if (!current || terms_problem(visit))
        co_return visit.back_to("/terms");
    const auto accepted = co_await visit.services().terms.accept(visit.learner()->id, current->number,
                                                                 std::string(visit.language_tag()));
    if (!accepted)
        co_return visit.problem(accepted.error());
    co_return visit.back_to("/terms", "terms_accepted");
}

}  // namespace

std::optional<std::string> terms_problem(const Visit& visit) {
    const auto current = visit.services().terms.current();
    if (!current)
        return std::nullopt;
    const auto shown = visit.field("terms");
    if (shown == std::to_string(current->number))
        return std::nullopt;
    return visit.text(shown.empty() ? "problem.terms_required" : "problem.terms_changed");
}

void add_terms_pages(PageRoutes& routes) {
    routes.get("/terms", show_terms);
    routes.post("/terms", accept_terms);
    routes.get("/terms/versions/{number}", show_version);
}

}  // namespace calyptenora::http
