#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "platform/contracts.hpp"

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using platform::DeclarationDetails;
using storage::DeclarationKind;

constexpr std::size_t longest_line = 200;
constexpr std::size_t longest_reason = 5'000;

std::string_view page_of(DeclarationKind kind) {
    return kind == DeclarationKind::cancellation ? "cancel_contract" : "withdraw_contract";
}

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(" \t\r\n");
    return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

DeclarationDetails read_form(const Visit& visit, DeclarationKind kind) {
    DeclarationDetails details;
    details.name = trimmed(visit.field("name"));
    details.email = trimmed(visit.field("email"));
    details.contract = trimmed(visit.field("contract"));
    if (kind == DeclarationKind::cancellation) {
        details.extraordinary = visit.field("kind") == "extraordinary";
        details.reason = trimmed(visit.field("reason"));
        details.end = trimmed(visit.field("end"));
    }
    return details;
}

/// What a person who is signed in need not type.
DeclarationDetails known_details(const Visit& visit) {
    DeclarationDetails details;
    if (visit.learner()) {
        details.name = visit.viewer()->display_name.reveal(gate::ForSubject{}).value_or("");
        details.email = visit.viewer()->email.reveal(gate::ForSubject{}).value_or("");
    }
    details.contract = visit.request().target.query.find("contract").value_or("");
    return details;
}

/// `2026-12-31`, as a date field sends it.
std::optional<std::chrono::year_month_day> find_date(const std::string& text) {
    if (text.size() != 10)
        return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return std::nullopt;
    const auto number = [&](std::size_t from, std::size_t size) {
        return std::stoi(text.substr(from, size));
    };
    const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2))));
    return date.ok() ? std::optional(date) : std::nullopt;
}

std::string end_text(const Visit& visit, const DeclarationDetails& details) {
    const auto date = find_date(details.end);
    // At noon, so that it is the same day in every zone of Europe.
    return date ? date_text(visit, storage::Timestamp(std::chrono::sys_days(*date) + std::chrono::hours(12)))
                : visit.text("contract.next_possible");
}

struct Checked {
    boost::json::object problems;  ///< By field.
    boost::json::array errors;
};

Checked check(const Visit& visit, const DeclarationDetails& details) {
    Checked checked;
    const auto complain = [&](std::string_view field, const std::string& text) {
        if (checked.problems.contains(field))
            return;
        checked.errors.push_back({{"field", field}, {"text", text}});
        checked.problems[field] = text;
    };
    const auto limit = [&](std::string_view field, const std::string& text, std::size_t longest) {
        if (text.size() > longest)
            complain(field, visit.text("problem.too_long", {{"limit", std::to_string(longest)}}));
    };
    if (details.name.empty())
        complain("name", visit.text("problem.name_required"));
    if (!platform::is_email_address(details.email))
        complain("email", visit.text("problem.email_invalid"));
    if (details.contract.empty())
        complain("contract", visit.text("problem.required"));
    if (details.extraordinary && details.reason.empty())
        complain("reason", visit.text("problem.required"));
    if (!details.end.empty() && !find_date(details.end))
        complain("end", visit.text("problem.date_invalid"));
    limit("name", details.name, longest_line);
    limit("contract", details.contract, longest_line);
    limit("reason", details.reason, longest_reason);
    return checked;
}

/// The learner's own orders, to choose from.
awaitable<boost::json::array> contract_views(const Visit& visit, const std::string& chosen) {
    boost::json::array views;
    if (!visit.learner())
        co_return views;
    const auto orders = co_await visit.services().orders.list(visit.learner()->id);
    if (!orders)
        co_return views;
    const auto catalogue = visit.services().catalogue.current();
    for (const auto& order : *orders) {
        if (order.state == storage::OrderState::cancelled || order.state == storage::OrderState::expired)
            continue;
        const auto* course = catalogue->find_course(order.course);
        views.push_back({{"number", order.reference},
                         {"title", course ? course->title : order.course},
                         {"selected", order.reference == chosen}});
    }
    co_return views;
}

awaitable<Response> render_form(Visit& visit, DeclarationKind kind, const DeclarationDetails& details,
                                Checked checked, int status) {
    boost::json::object fields{{"name", {{"value", details.name}}},
                               {"email", {{"value", details.email}}},
                               {"contract", {{"value", details.contract}}},
                               {"reason", {{"value", details.reason}}},
                               {"end", {{"value", details.end}}}};
    for (auto& [field, problem] : checked.problems)
        fields[field].as_object()["error"] = problem;
    co_return visit.page(page_of(kind),
                         {{"fields", std::move(fields)},
                          {"extraordinary", details.extraordinary},
                          {"contracts", co_await contract_views(visit, details.contract)},
                          {"errors", std::move(checked.errors)}},
                         Section::none, status);
}

struct Row {
    std::string label;
    std::string value;
};

/// All that was declared, as the confirmation has to repeat it.
std::vector<Row> rows_of(const Visit& visit, DeclarationKind kind, const DeclarationDetails& details) {
    std::vector<Row> rows{{visit.text("contract.contract"), details.contract},
                          {visit.text("contract.name"), details.name},
                          {visit.text("register.email"), details.email}};
    if (kind == DeclarationKind::withdrawal)
        return rows;
    rows.push_back({visit.text("contract.kind"), details.extraordinary ? visit.text("contract.extraordinary")
                                                                       : visit.text("contract.ordinary")});
    if (!details.reason.empty())
        rows.push_back({visit.text("contract.reason_label"), details.reason});
    rows.push_back({visit.text("contract.end_label"), end_text(visit, details)});
    return rows;
}

std::string statement_of(const Visit& visit, DeclarationKind kind) {
    return kind == DeclarationKind::cancellation ? visit.text("contract.cancel_statement")
                                                 : visit.text("contract.withdraw_statement");
}

std::string title_of(const Visit& visit, DeclarationKind kind) {
    return kind == DeclarationKind::cancellation ? visit.text("contract.cancellation")
                                                 : visit.text("contract.withdrawal");
}

/// The declaration as plain text.
std::string text_of(const Visit& visit, DeclarationKind kind, const DeclarationDetails& details) {
    std::string text = statement_of(visit, kind) + "\n\n";
    for (const auto& [label, value] : rows_of(visit, kind, details))
        text += label + ": " + value + "\n";
    return text;
}

template <DeclarationKind kind>
awaitable<Response> show_form(Visit& visit, const PathParams&) {
    co_return co_await render_form(visit, kind, known_details(visit), {}, 200);
}

template <DeclarationKind kind>
awaitable<Response> declare(Visit& visit, const PathParams&) {
    auto details = read_form(visit, kind);
    auto checked = check(visit, details);
    if (!checked.errors.empty())
        co_return co_await render_form(visit, kind, details, std::move(checked), 422);
    if (const auto wait = visit.services().attempts_per_client.take(rate_key(visit.request().peer),
                                                                    RateLimiter::Clock::now())) {
        const auto text =
            visit.text("problem.too_many_tries", {{"minutes", std::to_string((wait->count() + 59) / 60)}});
        checked.errors.push_back({{"field", "name"}, {"text", text}});
        auto response = co_await render_form(visit, kind, details, std::move(checked), 429);
        response.headers.set("Retry-After", std::to_string(wait->count()));
        co_return response;
    }
    const auto learner = visit.learner() ? std::optional(visit.learner()->id) : std::nullopt;
    platform::CaseWords words{title_of(visit, kind) + ": " + details.contract, text_of(visit, kind, details)};
    const auto alias = co_await visit.services().contracts.declare(
        kind, learner, std::move(details), std::string(visit.language_tag()), std::move(words));
    if (!alias)
        co_return visit.problem(alias.error());
    co_return redirect("/contract-receipts/" + *alias);
}

struct Receipt {
    storage::Declaration declaration;
    DeclarationDetails details;
};

/// Also `not_found` for a declaration whose author is erased.
awaitable<Result<Receipt>> find_receipt(Visit& visit, const PathParams& path) {
    auto found = co_await visit.services().contracts.find(std::string(path.at("alias")));
    if (!found)
        co_return found.error();
    auto details = platform::read_details(found->document.reveal(gate::ForSubject{}).value_or(""));
    if (!details)
        co_return Error(ErrorKind::not_found, "there is no such declaration");
    co_return Receipt{std::move(found->declaration), std::move(*details)};
}

awaitable<Response> show_receipt(Visit& visit, const PathParams& path) {
    const auto receipt = co_await find_receipt(visit, path);
    if (!receipt)
        co_return visit.problem(receipt.error());
    const auto& [declaration, details] = *receipt;
    boost::json::array rows;
    for (const auto& [label, value] : rows_of(visit, declaration.kind, details))
        rows.push_back({{"label", label}, {"value", value}});
    co_return visit.page("contract_receipt",
                         {{"cancellation", declaration.kind == DeclarationKind::cancellation},
                          {"received_at", moment_text(visit, declaration.received_at)},
                          {"statement", statement_of(visit, declaration.kind)},
                          {"rows", std::move(rows)},
                          {"text_url", "/contract-receipts/" + declaration.alias + "/text"},
                          {"own_case", visit.learner() && visit.learner()->id == declaration.subject}});
}

awaitable<Response> send_receipt_text(Visit& visit, const PathParams& path) {
    const auto receipt = co_await find_receipt(visit, path);
    if (!receipt)
        co_return visit.problem(receipt.error());
    const auto& [declaration, details] = *receipt;
    const auto settings = visit.services().settings();
    auto response = Response::make_text(
        fmt::format("{}, {}\n\n{}\n{}\n", settings->platform.name, settings->operator_info.legal_name,
                    text_of(visit, declaration.kind, details),
                    visit.text("contract.received", {{"at", moment_text(visit, declaration.received_at)}})));
    response.headers.set("Content-Disposition", "attachment; filename=\"confirmation.txt\"");
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

}  // namespace

void add_contract_pages(PageRoutes& routes) {
    const RouteOptions essential{.priority = Priority::essential};
    routes.get("/cancel-contract", show_form<DeclarationKind::cancellation>, essential);
    routes.post("/cancel-contract", declare<DeclarationKind::cancellation>, essential);
    routes.get("/withdraw-contract", show_form<DeclarationKind::withdrawal>, essential);
    routes.post("/withdraw-contract", declare<DeclarationKind::withdrawal>, essential);
    routes.get("/contract-receipts/{alias}", show_receipt);
    routes.get("/contract-receipts/{alias}/text", send_receipt_text);
}

}  // namespace calyptenora::http
