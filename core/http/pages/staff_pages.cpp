#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using platform::Permission;

template <class Enum>
std::string word_text(const Visit& visit, std::string_view group, Enum term) {
    return visit.text(fmt::format("{}.{}", group, boost::describe::enum_to_string(term, "")));
}

/// What a role sees of a record, in words.
std::string sees_text(const Visit& visit, platform::Permissions may) {
    std::vector<std::string> parts;
    using enum Permission;
    for (const auto part :
         {see_name, see_address, see_learning, see_orders, see_cases, see_requests, see_choices})
        if (may.contains(part))
            parts.push_back(word_text(visit, "staff_sees", part));
    return web::join_list(parts, visit.language());
}

/// A form that was not accepted: which field, and why.
struct FormProblem {
    std::string field;
    std::string text;
};

awaitable<Response> render_staff(Visit& visit, const platform::StaffStanding& standing,
                                 const std::optional<FormProblem>& problem = {}) {
    boost::json::array missing;
    if (!standing.undertaking_on)
        missing.push_back({{"text", visit.text("staff.missing_undertaking")}});
    if (!standing.trained_on)
        missing.push_back({{"text", visit.text("staff.missing_training")}});
    const auto may = standing.permissions();
    boost::json::object fields{{"whom", boost::json::object()}, {"reason", boost::json::object()}};
    boost::json::array errors;
    if (problem) {
        fields[problem->field].as_object()["error"] = problem->text;
        errors.push_back({{"field", problem->field}, {"text", problem->text}});
    }
    boost::json::object view{{"role_text", visit.text(fmt::format("staff_role.{}", key_of(standing.role)))},
                             {"in_effect", standing.is_in_effect()},
                             {"missing", std::move(missing)},
                             {"can_open", may.contains(Permission::see_name)},
                             {"can_see_figures", may.contains(Permission::see_figures)},
                             {"can_review", may.contains(Permission::review_accesses)},
                             {"sees_text", sees_text(visit, may)},
                             {"whom", visit.field("whom")},
                             {"reason", visit.field("reason")},
                             {"fields", std::move(fields)},
                             {"errors", std::move(errors)}};
    if (standing.is_in_effect() && standing.training_due)
        view["training_due_on"] = day_text(visit, *standing.trained_on);
    co_return visit.page("staff", std::move(view), Section::none, problem ? 422 : 200);
}

/// Who is signed in, if they belong to the staff at all; others find no such page.
awaitable<std::optional<platform::StaffStanding>> find_staff(const Visit& visit) {
    const auto* learner = visit.learner();
    if (!learner)
        co_return std::nullopt;
    const auto standing = co_await visit.services().staff.standing(learner->id);
    if (!standing || !standing->is_staff())
        co_return std::nullopt;
    co_return *standing;
}

awaitable<Response> show_staff(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto standing = co_await find_staff(visit);
    if (!standing)
        co_return visit.not_found();
    co_return co_await render_staff(visit, *standing);
}

boost::json::object learning_view(const Visit& visit, const std::vector<platform::CourseRecord>& learning) {
    boost::json::array courses;
    for (const auto& [enrolment, lessons] : learning)
        courses.push_back(
            {{"course", enrolment.course},
             {"since", date_text(visit, enrolment.since)},
             {"lessons_text", visit.text("staff.lessons_done", {{"count", std::to_string(lessons)}})},
             {"state_text", word_text(visit, "export_word", enrolment.state)}});
    return {{"courses", std::move(courses)}};
}

boost::json::object orders_view(const Visit& visit, const std::vector<storage::Order>& orders) {
    boost::json::array rows;
    for (const auto& order : orders)
        rows.push_back(
            {{"number", order.reference},
             {"course", order.course},
             {"on", date_text(visit, order.created_at)},
             {"price_text", web::format_money(order.amount_minor, order.currency, visit.language())},
             {"state_text", word_text(visit, "export_word", order.state)}});
    return {{"rows", std::move(rows)}};
}

boost::json::object cases_view(const Visit& visit, const std::vector<platform::CaseView>& cases,
                               const gate::ForStaff& opened) {
    boost::json::array rows;
    for (const auto& shown : cases) {
        boost::json::array messages;
        for (const auto& [message, text] : shown.messages)
            messages.push_back(
                {{"from_text", message.author == storage::Author::learner ? visit.text("staff_role.learner")
                                                                          : visit.text("staff_role.support")},
                 {"on", moment_text(visit, message.at)},
                 {"text", text.reveal(opened).value_or("")}});
        rows.push_back({{"subject", shown.subject.reveal(opened).value_or("")},
                        {"state_text", word_text(visit, "export_word", shown.row.state)},
                        {"on", date_text(visit, shown.row.created_at)},
                        {"messages", std::move(messages)}});
    }
    return {{"rows", std::move(rows)}};
}

boost::json::object requests_view(const Visit& visit, const std::vector<storage::SubjectRequest>& requests) {
    boost::json::array rows;
    for (const auto& request : requests)
        rows.push_back({{"title", word_text(visit, "request_kind", request.kind)},
                        {"status_text", word_text(visit, "request_status", request.status)},
                        {"received_on", date_text(visit, request.received_at)},
                        {"due_on", date_text(visit, request.due_at)}});
    return {{"rows", std::move(rows)}};
}

boost::json::object choices_view(const Visit& visit, const platform::ChoicesRecord& choices) {
    boost::json::array rows, recipients;
    for (const auto& consent : choices.consents)
        rows.push_back({{"instance", consent.instance},
                        {"purpose_text", visit.text(fmt::format("purpose.{}", key_of(consent.purpose)))},
                        {"state_text", visit.text(fmt::format("consent_state.{}", key_of(consent.state)))},
                        {"on", date_text(visit, consent.changed_at)}});
    for (const auto& recipient : choices.recipients)
        recipients.push_back(
            {{"name", recipient.recipient}, {"last_on", moment_text(visit, recipient.last_at)}});
    return {{"rows", std::move(rows)}, {"recipients", std::move(recipients)}};
}

boost::json::object record_view(const Visit& visit, const platform::PersonRecord& record) {
    const auto& opened = record.opened;
    boost::json::object person{{"id", record.account.id.text()},
                               {"name", record.name.reveal(opened).value_or("")},
                               {"since", date_text(visit, record.account.created_at)}};
    if (record.email.is_known())
        person["email"] = record.email.reveal(opened).value_or("");
    if (record.account.restricted_at)
        person["restricted_on"] = date_text(visit, *record.account.restricted_at);
    boost::json::object view{{"person", std::move(person)}, {"reason", visit.field("reason")}};
    if (record.learning) {
        auto learning = learning_view(visit, *record.learning);
        learning["education"] = record.education.reveal(opened).value_or("");
        view["learning"] = std::move(learning);
    }
    if (record.orders)
        view["orders"] = orders_view(visit, *record.orders);
    if (record.cases)
        view["cases"] = cases_view(visit, *record.cases, opened);
    if (record.requests)
        view["requests"] = requests_view(visit, *record.requests);
    if (record.choices)
        view["choices"] = choices_view(visit, *record.choices);
    return view;
}

awaitable<Response> open_record(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto standing = co_await find_staff(visit);
    if (!standing)
        co_return visit.not_found();
    const auto record = co_await visit.services().staff.open_record(visit.learner()->id, visit.field("whom"),
                                                                    visit.field("reason"));
    if (record)
        co_return visit.page("staff_record", record_view(visit, *record));
    switch (record.error().kind) {
        case ErrorKind::not_found:
            co_return co_await render_staff(visit, *standing,
                                            FormProblem{"whom", visit.text("problem.nobody_found")});
        case ErrorKind::invalid_input:
            co_return co_await render_staff(visit, *standing,
                                            FormProblem{"reason", visit.text("problem.reason_required")});
        default:
            co_return visit.problem(record.error());
    }
}

}  // namespace

void add_staff_pages(PageRoutes& routes) {
    routes.get("/staff", show_staff);
    routes.post("/staff/record", open_record);
}

}  // namespace calyptenora::http
