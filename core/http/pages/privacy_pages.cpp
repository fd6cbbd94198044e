#include "http/pages/choices.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

std::vector<const gate::PolicyFlow*> asking_flows(const Visit& visit) {
    std::vector<const gate::PolicyFlow*> rows;
    for (const auto& standing : visit.standings())
        if (gate::asks(*standing.row))
            rows.push_back(standing.row);
    return rows;
}

Response chosen(const Visit& visit, const std::optional<std::string>& token, std::string_view notice) {
    auto response = visit.back_to(visit.return_path("/privacy"), notice);
    add_session(response, token);
    return response;
}

awaitable<Response> show_privacy(Visit& visit, const PathParams&) {
    LastSent last_sent;
    boost::json::array receipts;
    if (const auto subject = visit.subject()) {
        if (auto sent = co_await visit.services().receipts.last_sent(*subject))
            last_sent = std::move(*sent);
        if (const auto newest = co_await visit.services().receipts.newest(*subject, 20))
            for (const auto& disclosure : *newest)
                receipts.push_back({{"text", receipt_sentence(visit, disclosure)}});
    }
    boost::json::array flows;
    int active = 0;
    bool overridden = false;
    for (const auto& standing : visit.standings()) {
        // That a person's own request may be passed on is no flow that anybody looks for in the picture.
        if (!is_shown(*standing.row) || standing.row->flow.purpose == Purpose::essential_legal_obligation)
            continue;
        const auto view = recipient_view(visit, standing, WithControl::no);
        const bool asked = gate::asks(*standing.row);
        if (asked && standing.flowing)
            ++active;
        if (asked && standing.flowing)
            overridden = true;
        flows.push_back({{"name", view.at("name")},
                         {"country", view.at("country")},
                         {"anchor", view.at("anchor")},
                         {"on", standing.flowing},
                         {"always", standing.flowing && !asked}});
    }
    boost::json::object view{{"groups", purpose_groups(visit, WithControl::yes, last_sent)},
                             {"flows", std::move(flows)},
                             {"active", active},
                             {"receipts", std::move(receipts)},
                             {"guest", visit.learner() == nullptr}};
    if (visit.request().signals_global_privacy_control())
        view["gpc"] = {{"held", !overridden}, {"overridden", overridden}};
    co_return visit.page("privacy", std::move(view), Section::account);
}

Response show_choices(const Visit& visit) {
    boost::json::array choices;
    for (const auto* row : asking_flows(visit))
        choices.push_back(choice_view(visit, *row));
    return visit.page("consent_choose",
                      {{"choices", std::move(choices)}, {"return_to", visit.return_path("/")}});
}

/// One switch of the privacy page.
awaitable<Response> switch_one(Visit& visit, bool allowed) {
    const auto* row = find_flow(*visit.policy(), visit.field("key"));
    if (!row || !gate::asks(*row))
        co_return visit.not_found();
    const auto token = co_await record_choices(visit, {{row->instance, row->flow.purpose, allowed}}, {row},
                                               allowed ? "privacy_page_allow" : "privacy_page_withdraw");
    if (!token)
        co_return visit.problem(token.error());
    co_return chosen(visit, *token, "choice_saved");
}

awaitable<Response> choose_for_all(Visit& visit, bool allowed, std::string action) {
    const auto rows = asking_flows(visit);
    std::vector<gate::Choice> choices;
    for (const auto* row : rows)
        choices.push_back({row->instance, row->flow.purpose, allowed});
    const auto token = co_await record_choices(visit, std::move(choices), rows, std::move(action));
    if (!token)
        co_return visit.problem(token.error());
    co_return chosen(visit, *token, "choice_saved");
}

awaitable<Response> save_choices(Visit& visit) {
    const auto rows = asking_flows(visit);
    std::vector<gate::Choice> choices;
    for (const auto* row : rows) {
        const auto answer = visit.field("choice." + flow_key(*row));
        // What stays unanswered stays off, and is answered thereby: the person has seen it and saved.
        choices.push_back({row->instance, row->flow.purpose, answer == "allow"});
    }
    const auto token = co_await record_choices(visit, std::move(choices), rows, "choices_saved");
    if (!token)
        co_return visit.problem(token.error());
    co_return chosen(visit, *token, "choice_saved");
}

awaitable<Response> choose(Visit& visit, const PathParams&) {
    const auto choice = visit.field("choice");
    if (choice == "allow")
        co_return co_await switch_one(visit, true);
    if (choice == "choose")
        co_return show_choices(visit);
    if (choice == "save")
        co_return co_await save_choices(visit);
    if (choice == "accept_all")
        co_return co_await choose_for_all(visit, true, "dialog_accept_all");
    if (choice == "refuse_all")
        co_return co_await choose_for_all(visit, false, "dialog_refuse_all");
    co_return visit.not_found();
}

awaitable<Response> withdraw(Visit& visit, const PathParams&) {
    co_return co_await switch_one(visit, false);
}

awaitable<Response> everything_off(Visit& visit, const PathParams&) {
    co_return co_await choose_for_all(visit, false, "privacy_page_everything_off");
}

/// What holds now, for pages that have been open for a while.
awaitable<Response> show_state(Visit& visit, const PathParams&) {
    boost::json::array admitted;
    std::string choices;
    for (const auto& standing : visit.standings()) {
        choices +=
            flow_key(*standing.row) + (standing.flowing ? "+" : "-") + std::string(key_of(standing.state));
        if (standing.flowing)
            admitted.push_back(boost::json::value(standing.row->instance.text()));
    }
    co_return Response::make_json(boost::json::serialize(boost::json::object{
        {"version", gate::sha256_hex(choices).substr(0, 16)}, {"admitted", std::move(admitted)}}));
}

}  // namespace

void add_privacy_pages(PageRoutes& routes) {
    routes.get("/privacy", show_privacy);
    routes.get("/privacy/state", show_state);
    routes.post("/privacy/choices", choose);
    routes.post("/privacy/withdraw", withdraw, {.priority = Priority::essential});
    routes.post("/privacy/off", everything_off, {.priority = Priority::essential});
}

}  // namespace calyptenora::http
