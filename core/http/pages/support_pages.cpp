#include "http/pages/case_views.hpp"
#include "http/pages/paragraphs.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

constexpr std::size_t longest_subject = 200;
constexpr std::size_t longest_message = 20'000;

std::string state_text(const Visit& visit, storage::CaseState state) {
    switch (state) {
        case storage::CaseState::answered:
            return visit.text("state.case_answered");
        case storage::CaseState::closed:
            return visit.text("state.case_closed");
        default:
            return visit.text("state.case_open");
    }
}

void add_third_party(const Visit& visit, boost::json::object& view) {
    const auto desk = visit.services().cases.help_desk();
    const auto* row =
        desk ? visit.policy()->find_flow(*desk, Purpose::essential_service_operations_support) : nullptr;
    if (row && row->flow.third_party)
        view["third_party"] = third_party_view(visit, *row);
}

/// What is missing or too long, by field; empty if nothing is.
boost::json::array check(const Visit& visit, boost::json::object& view, bool with_subject) {
    boost::json::array errors;
    auto& fields = view["fields"].emplace_object();
    const auto check_field = [&](std::string_view name, std::size_t longest) {
        const auto text = visit.field(name);
        view[name] = text;
        std::string problem;
        if (text.find_first_not_of(" \t\r\n") == std::string::npos)
            problem = visit.text("problem.required");
        else if (text.size() > longest)
            problem = visit.text("problem.too_long", {{"limit", std::to_string(longest)}});
        if (problem.empty())
            return;
        fields[name] = boost::json::object{{"error", problem}};
        errors.push_back({{"field", name}, {"text", problem}});
    };
    if (with_subject)
        check_field("subject", longest_subject);
    check_field("message", longest_message);
    return errors;
}

/// Empty if they cannot be read.
awaitable<boost::json::array> own_cases(const Visit& visit) {
    const auto cases = co_await visit.services().cases.list(visit.learner()->id);
    co_return cases ? case_views(visit, *cases) : boost::json::array();
}

awaitable<Response> show_support(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    boost::json::object view{{"cases", co_await own_cases(visit)}, {"fields", boost::json::object()}};
    add_third_party(visit, view);
    co_return visit.page("support", std::move(view), Section::support);
}

awaitable<Response> open_case(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    boost::json::object view;
    if (auto errors = check(visit, view, true); !errors.empty()) {
        view["errors"] = std::move(errors);
        view["cases"] = co_await own_cases(visit);
        add_third_party(visit, view);
        co_return visit.page("support", std::move(view), Section::support, 422);
    }
    const auto opened =
        co_await visit.services().cases.open(visit.learner()->id, visit.field("subject"),
                                             visit.field("message"), std::string(visit.language_tag()));
    if (!opened)
        co_return visit.problem(opened.error());
    co_return visit.back_to("/support/cases/" + opened->text(), "case_opened");
}

awaitable<Response> render_case(Visit& visit, const storage::CaseId& id, boost::json::object view,
                                int status) {
    const auto found = co_await visit.services().cases.find(visit.learner()->id, id);
    if (!found)
        co_return visit.problem(found.error());
    boost::json::array messages;
    for (const auto& [message, text] : found->messages) {
        const bool own = message.author == storage::Author::learner;
        messages.push_back(
            {{"id", message.id.text()},
             {"from_text", own ? visit.viewer()->display_name.reveal(gate::ForSubject{}).value_or("")
                               : visit.services().settings()->platform.name},
             {"on", moment_text(visit, message.at)},
             {"paragraphs", paragraphs_of(text.reveal(gate::ForSubject{}).value_or(""))},
             {"own", own}});
    }
    view["case"] = {{"id", id.text()},
                    {"subject", found->subject.reveal(gate::ForSubject{}).value_or("")},
                    {"state_text", state_text(visit, found->row.state)},
                    {"closed", found->row.state == storage::CaseState::closed}};
    view["messages"] = std::move(messages);
    add_third_party(visit, view);
    co_return visit.page("case", std::move(view), Section::support, status);
}

awaitable<Response> show_case(Visit& visit, const PathParams& path) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto id = storage::CaseId::parse(path.at("id"));
    if (!id)
        co_return visit.not_found();
    auto response = co_await render_case(visit, *id, {{"fields", boost::json::object()}}, 200);
    (void)co_await visit.services().cases.note_seen(visit.learner()->id, *id);
    co_return response;
}

awaitable<Response> append_message(Visit& visit, const PathParams& path) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto id = storage::CaseId::parse(path.at("id"));
    if (!id)
        co_return visit.not_found();
    boost::json::object view;
    if (auto errors = check(visit, view, false); !errors.empty()) {
        view["errors"] = std::move(errors);
        co_return co_await render_case(visit, *id, std::move(view), 422);
    }
    const auto kept = co_await visit.services().cases.append(visit.learner()->id, *id, visit.field("message"),
                                                             std::string(visit.language_tag()));
    if (!kept)
        co_return visit.problem(kept.error());
    co_return visit.back_to("/support/cases/" + id->text(), "saved");
}

}  // namespace

boost::json::array case_views(const Visit& visit, const std::vector<platform::CaseView>& cases) {
    boost::json::array views;
    for (const auto& found : cases)
        views.push_back({{"url", "/support/cases/" + found.row.id.text()},
                         {"subject", found.subject.reveal(gate::ForSubject{}).value_or("")},
                         {"on", date_text(visit, found.row.updated_at)},
                         {"state_text", state_text(visit, found.row.state)},
                         {"answered", found.row.state == storage::CaseState::answered}});
    return views;
}

void add_support_pages(PageRoutes& routes) {
    routes.get("/support", show_support);
    routes.post("/support", open_case);
    routes.get("/support/cases/{id}", show_case);
    routes.post("/support/cases/{id}", append_message);
}

}  // namespace calyptenora::http
