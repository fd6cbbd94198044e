#include "http/pages/choices.hpp"
#include "http/pages/news_view.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "web/format.hpp"

#include <charconv>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

using Rows = std::vector<const gate::PolicyFlow*>;

/// Whatever can be turned off.
Rows asking_flows(const Visit& visit) {
    Rows rows;
    for (const auto& standing : visit.standings())
        if (gate::asks(*standing.row))
            rows.push_back(standing.row);
    return rows;
}

/// Whatever is asked about here, and not by mail.
Rows flows_asked_here(const Visit& visit) {
    auto rows = asking_flows(visit);
    std::erase_if(rows, [](const auto* row) { return gate::opts_in_by_mail(*row); });
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
    for (const auto* row : flows_asked_here(visit))
        choices.push_back(choice_view(visit, *row));
    return visit.page("consent_choose",
                      {{"choices", std::move(choices)}, {"return_to", visit.return_path("/")}});
}

/// One switch of the privacy page.
awaitable<Response> switch_one(Visit& visit, bool allowed) {
    const auto* row = find_flow(*visit.policy(), visit.field("key"));
    if (!row || !gate::asks(*row))
        co_return visit.not_found();
    if (allowed && gate::opts_in_by_mail(*row))
        co_return redirect(news_url);
    const auto token = co_await record_choices(visit, {{row->instance, row->flow.purpose, allowed}}, {row},
                                               allowed ? "privacy_page_allow" : "privacy_page_withdraw");
    if (!token)
        co_return visit.problem(token.error());
    co_return chosen(visit, *token, "choice_saved");
}

awaitable<Response> choose_for_all(Visit& visit, Rows rows, bool allowed, std::string action) {
    std::vector<gate::Choice> choices;
    for (const auto* row : rows)
        choices.push_back({row->instance, row->flow.purpose, allowed});
    const auto token = co_await record_choices(visit, std::move(choices), rows, std::move(action));
    if (!token)
        co_return visit.problem(token.error());
    co_return chosen(visit, *token, "choice_saved");
}

awaitable<Response> save_choices(Visit& visit) {
    const auto rows = flows_asked_here(visit);
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
        co_return co_await choose_for_all(visit, flows_asked_here(visit), true, "dialog_accept_all");
    if (choice == "refuse_all")
        co_return co_await choose_for_all(visit, flows_asked_here(visit), false, "dialog_refuse_all");
    co_return visit.not_found();
}

awaitable<Response> withdraw(Visit& visit, const PathParams&) {
    co_return co_await switch_one(visit, false);
}

awaitable<Response> everything_off(Visit& visit, const PathParams&) {
    co_return co_await choose_for_all(visit, asking_flows(visit), false, "privacy_page_everything_off");
}

// ---- receipts for decisions

constexpr std::size_t decisions_on_a_page = 50;

std::string decision_text(const Visit& visit, const storage::ConsentEvent& event) {
    return visit.text(fmt::format("consent_state.{}", key_of(event.event_state)));
}

std::string receipt_url(const storage::ConsentEvent& event) {
    return "/privacy/receipts/" + event.record_id.text();
}

awaitable<Response> show_decisions(Visit& visit, const PathParams&) {
    boost::json::object view;
    boost::json::array decisions;
    std::size_t number = 0;
    const auto wanted = visit.request().target.query.find("page").value_or("0");
    if (std::from_chars(wanted.data(), wanted.data() + wanted.size(), number).ec != std::errc() ||
        number > 1'000'000)
        co_return visit.not_found();
    if (const auto subject = visit.subject()) {
        const auto events = co_await visit.services().consent_receipts.list(*subject);
        if (!events)
            co_return visit.problem(events.error());
        const auto from = std::min(events->size(), number * decisions_on_a_page);
        const auto to = std::min(events->size(), from + decisions_on_a_page);
        for (auto i = from; i < to; ++i) {
            const auto& event = (*events)[i];
            decisions.push_back({{"on", moment_text(visit, event.event_time)},
                                 {"what", decision_text(visit, event)},
                                 {"recipient", event.recipient_third_parties},
                                 {"purpose", visit.text(fmt::format("purpose.{}", key_of(event.purpose)))},
                                 {"url", receipt_url(event)}});
        }
        if (number > 0)
            view["newer_url"] = fmt::format("/privacy/receipts?page={}", number - 1);
        if (to < events->size())
            view["older_url"] = fmt::format("/privacy/receipts?page={}", number + 1);
    }
    view["decisions"] = std::move(decisions);
    co_return visit.page("consent_receipts", std::move(view), Section::account);
}

awaitable<Result<platform::ConsentReceipt>> find_receipt(const Visit& visit, const PathParams& path) {
    const auto record = storage::RecordId::parse(path.at("record"));
    const auto subject = visit.subject();
    if (!record || !subject)
        co_return Error(ErrorKind::not_found, "there is no such receipt");
    co_return co_await visit.services().consent_receipts.find(*subject, *record);
}

awaitable<Response> show_receipt(Visit& visit, const PathParams& path) {
    const auto receipt = co_await find_receipt(visit, path);
    if (!receipt)
        co_return visit.problem(receipt.error());
    const auto& event = receipt->event;
    boost::json::array lines;
    for (std::string_view rest = receipt->shown_text; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (end > 0)
            lines.push_back({{"text", rest.substr(0, end)}});
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    CategoryMask fields;
    for (const auto& category : receipt->terms.categories)
        if (const auto known = find_term<Category>(category))
            fields |= *known;
    boost::json::object view{{"what", decision_text(visit, event)},
                             {"on", moment_text(visit, event.event_time)},
                             {"recipient", event.recipient_third_parties},
                             {"country", web::country_name(receipt->terms.country, visit.language())},
                             {"purpose", visit.text(fmt::format("purpose.{}", key_of(event.purpose)))},
                             {"fields", fields_in_words(visit, fields)},
                             {"basis", visit.text(fmt::format("legal_basis.{}", receipt->terms.basis))},
                             {"guardian", event.entity_id == "guardian"},
                             {"shown", std::move(lines)},
                             {"shown_lang", event.language.empty() ? "de" : event.language},
                             {"number", event.record_id.text()},
                             {"json_url", receipt_url(event) + "/json"}};
    if (event.validity_duration)
        view["until"] = moment_text(visit, event.event_time + *event.validity_duration);
    co_return visit.page("consent_receipt", std::move(view), Section::account);
}

awaitable<Response> send_receipt(Visit& visit, const PathParams& path) {
    auto receipt = co_await find_receipt(visit, path);
    if (!receipt)
        co_return visit.problem(receipt.error());
    auto response = Response::make_json(std::move(receipt->document));
    response.headers.set("Content-Disposition", fmt::format(R"(attachment; filename="receipt-{}.json")",
                                                            receipt->event.record_id.text()));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
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
    routes.get("/privacy/receipts", show_decisions);
    routes.get("/privacy/receipts/{record}", show_receipt);
    routes.get("/privacy/receipts/{record}/json", send_receipt);
    routes.post("/privacy/choices", choose);
    routes.post("/privacy/withdraw", withdraw, {.priority = Priority::essential});
    routes.post("/privacy/off", everything_off, {.priority = Priority::essential});
}

}  // namespace calyptenora::http
