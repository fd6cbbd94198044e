#include "http/cookies.hpp"
#include "http/pages/account_problems.hpp"
#include "http/pages/case_views.hpp"
#include "http/pages/choices.hpp"
#include "http/pages/terms_pages.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "platform/minors.hpp"
#include "web/format.hpp"

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

Response signed_in(const Visit& visit, const std::string& token) {
    auto response = visit.back_to(visit.return_path("/"));
    add_session(response, token);
    response.cookies.push_back(make_expired_host_cookie(visit_cookie));
    return response;
}

/// Whether the person consents alone, in the operator's country (Art. 8 GDPR).
int age_of_consent(const Visit& visit) {
    const auto settings = visit.services().settings();
    return settings->platform.minors.age_in(settings->operator_info.country);
}

struct Age {
    std::optional<std::string> guardian_needed_until;
    std::optional<std::string> problem;
};

Age read_age(const Visit& visit) {
    const auto answer = visit.field("age");
    if (answer == "over")
        return {};
    const int limit = age_of_consent(visit);
    if (answer != "under")
        return {{}, visit.text("problem.age_required")};
    auto until = platform::month_of_age(visit.field("birth_month"), visit.field("birth_year"), limit,
                                        visit.services().gate.clock().now());
    if (visit.field("birth_month").empty() || visit.field("birth_year").empty())
        return {{}, visit.text("problem.birth_required")};
    if (!until)
        return {{}, visit.text("problem.birth_mismatch", {{"limit", std::to_string(limit)}})};
    return {std::move(until), {}};
}

boost::json::object register_view(const Visit& visit) {
    const auto settings = visit.services().settings();
    const auto& owner = settings->operator_info;
    boost::json::array recipients;
    for (const auto& standing : visit.standings())
        if (standing.row->flow.purpose == Purpose::essential_service_authentication)
            recipients.push_back(third_party_view(visit, *standing.row));
    boost::json::object view{
        {"fields",
         {{"name", {{"value", visit.field("name")}}},
          {"email", {{"value", visit.field("email")}}},
          {"password", boost::json::object()}}},
        {"age",
         {{"limit", age_of_consent(visit)},
          {"over", visit.field("age") == "over"},
          {"younger", visit.field("age") == "under"},
          {"month", visit.field("birth_month")},
          {"year", visit.field("birth_year")}}},
        {"return_to", visit.return_path(visit.request().target.query.find("return_to").value_or("/"))},
        {"controller",
         {{"name", owner.legal_name},
          {"address", web::format_address(owner.address)},
          {"email", owner.email}}},
        {"recipients", std::move(recipients)}};
    if (const auto terms = visit.services().terms.current())
        view["terms"] = {{"number", terms->number},
                         {"accepted", visit.field("terms") == std::to_string(terms->number)}};
    return view;
}

boost::json::object sign_in_view(const Visit& visit) {
    return {{"password", true},
            {"email", visit.field("email")},
            {"return_to", visit.return_path(visit.request().target.query.find("return_to").value_or("/"))}};
}

awaitable<Response> show_register(Visit& visit, const PathParams&) {
    if (visit.learner())
        co_return redirect("/account");
    co_return visit.page("register", register_view(visit));
}

awaitable<Response> do_register(Visit& visit, const PathParams&) {
    auto password = visit.field("password");
    const auto length = count_characters(password);
    auto view = register_view(visit);
    const auto age = read_age(visit);
    if (age.problem) {
        view["age"].as_object()["error"] = *age.problem;
        view["errors"] = boost::json::array{{{"field", "age"}, {"text", *age.problem}}};
        co_return visit.page("register", std::move(view), Section::none, 422);
    }
    if (const auto problem = terms_problem(visit)) {
        view["terms"].as_object()["error"] = *problem;
        view["errors"] = boost::json::array{{{"field", "terms"}, {"text", *problem}}};
        co_return visit.page("register", std::move(view), Section::none, 422);
    }
    const auto terms = visit.services().terms.current();
    auto outcome = throttle(visit, visit.field("email"));
    if (!outcome.problem)
        outcome = co_await visit.services().accounts.sign_up(
            {visit.field("name"), visit.field("email"), std::move(password), age.guardian_needed_until,
             terms ? std::optional(terms->number) : std::nullopt},
            visit.facts(), visit.guest());
    if (outcome.token)
        co_return signed_in(visit, *outcome.token);
    add_problem(view, describe(visit, outcome, length));
    co_return visit.page("register", std::move(view), Section::none, 422);
}

awaitable<Response> show_sign_in(Visit& visit, const PathParams&) {
    if (visit.learner())
        co_return redirect("/account");
    co_return visit.page("sign_in", sign_in_view(visit));
}

awaitable<Response> do_sign_in(Visit& visit, const PathParams&) {
    const auto outcome = co_await visit.services().accounts.sign_in(
        visit.field("email"), visit.field("password"), visit.facts(), visit.guest());
    if (outcome.token)
        co_return signed_in(visit, *outcome.token);
    auto view = sign_in_view(visit);
    view["problem"] = describe(visit, outcome).text;
    co_return visit.page("sign_in", std::move(view), Section::none, 422);
}

awaitable<Response> show_sign_out(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return redirect("/");
    co_return visit.page("sign_out", {}, Section::account);
}

awaitable<Response> do_sign_out(Visit& visit, const PathParams&) {
    if (visit.viewer())
        (void)co_await visit.services().accounts.sign_out(visit.viewer()->subject(),
                                                          visit.viewer()->session.id);
    auto response = visit.back_to("/", "signed_out");
    response.cookies.push_back(make_expired_host_cookie(session_cookie));
    response.headers.set("Clear-Site-Data", "\"cache\"");
    co_return response;
}

std::string order_state_text(const Visit& visit, storage::OrderState state) {
    using enum storage::OrderState;
    switch (state) {
        case paid:
        case overpaid:
            return visit.text("state.order_paid");
        case partially_paid:
            return visit.text("state.order_part_paid");
        case cancelled:
        case expired:
            return visit.text("state.order_cancelled");
        default:
            return visit.text("state.order_open");
    }
}

boost::json::array order_views(const Visit& visit) {
    boost::json::array views;
    const auto catalogue = visit.services().catalogue.current();
    for (const auto& order : visit.overview().orders) {
        const auto* course = catalogue->find_course(order.course);
        views.push_back(
            {{"number", order.reference},
             {"url", "/orders/" + order.id.text()},
             {"title", course ? course->title : order.course},
             {"lang", course ? course->language : "de"},
             {"on", date_text(visit, order.created_at)},
             {"price_text", web::format_money(order.amount_minor, order.currency, visit.language())},
             {"state_text", order_state_text(visit, order.state)},
             {"open", storage::is_waiting(order.state)}});
    }
    return views;
}

awaitable<Response> show_account(Visit& visit, const PathParams&) {
    const auto* learner = visit.learner();
    if (!learner)
        co_return visit.ask_to_sign_in();
    const auto& viewer = *visit.viewer();
    boost::json::array receipts;
    for (const auto& disclosure : visit.overview().sent)
        receipts.push_back({{"text", receipt_sentence(visit, disclosure)}});
    boost::json::object view{{"person",
                              {{"name", viewer.display_name.reveal(gate::ForSubject{}).value_or("")},
                               {"email", viewer.email.reveal(gate::ForSubject{}).value_or("")},
                               {"since", date_text(visit, learner->created_at)}}},
                             {"orders", order_views(visit)},
                             {"cases", case_views(visit, visit.overview().cases)},
                             {"receipts", std::move(receipts)}};
    if (visit.services().account_security.mail_is_on() && !learner->email_confirmed_at)
        view["unconfirmed"] = true;
    // Also for those who have put the banner away.
    if (const auto announced = visit.services().policy_versions.announcement();
        announced && learner->created_at < announced->made_at)
        view["announced"] = announcement_view(visit, *announced);
    co_return visit.page("account", std::move(view), Section::account);
}

awaitable<Response> set_language(Visit& visit, const PathParams&) {
    const auto language = web::find_language(visit.field("language"));
    auto response = redirect(visit.return_path("/"));
    if (!language)
        co_return response;
    if (visit.learner())
        (void)co_await visit.services().accounts.set_language(visit.learner()->id,
                                                              std::string(web::tag_of(*language)));
    response.cookies.push_back(make_own_cookie(platform::language_cookie, web::tag_of(*language)));
    co_return response;
}

}  // namespace

void add_account_pages(PageRoutes& routes) {
    routes.get("/register", show_register);
    routes.post("/register", do_register);
    routes.get("/sign-in", show_sign_in);
    routes.post("/sign-in", do_sign_in);
    routes.get("/sign-out", show_sign_out);
    routes.post("/sign-out", do_sign_out);
    routes.get("/account", show_account, platform::VisitorPart::overview);
    routes.post("/language", set_language);
}

}  // namespace calyptenora::http
