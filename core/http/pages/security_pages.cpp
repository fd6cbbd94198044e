#include "http/cookies.hpp"
#include "http/pages/account_problems.hpp"
#include "http/pages/choices.hpp"
#include "http/pages/message_page.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using storage::LinkKind;

Response link_expired(const Visit& visit, LinkKind kind) {
    const bool resets = kind == LinkKind::reset_password;
    return say(visit, "message.link_expired_title",
               resets ? "message.reset_expired_text" : "message.link_expired_text",
               resets ? "/forgotten-password" : "/account/security",
               resets ? "security.forgotten" : "security.title", 410);
}

// ---- the page of the account

boost::json::array sessions_view(const Visit& visit, const std::vector<storage::Session>& sessions) {
    boost::json::array rows;
    for (const auto& session : sessions)
        rows.push_back({{"name", session.user_agent.empty() ? visit.text("security.unknown_browser")
                                                            : session.user_agent},
                        {"since", moment_text(visit, session.created_at)},
                        {"last_seen", moment_text(visit, session.last_seen_at)},
                        {"until", moment_text(visit, session.absolute_expires_at)},
                        {"this_one", session.id == visit.viewer()->session.id},
                        {"session", session.id.text()}});
    return rows;
}

boost::json::array events_view(const Visit& visit, const std::vector<storage::AccountEvent>& events) {
    boost::json::array rows;
    for (const auto& event : events)
        rows.push_back({{"on", moment_text(visit, event.at)},
                        {"what", visit.text(fmt::format("account_event.{}",
                                                        boost::describe::enum_to_string(event.kind, "")))},
                        {"browser", event.user_agent}});
    return rows;
}

awaitable<Response> show(Visit& visit, const std::optional<FieldProblem>& problem = {}) {
    const auto& security = visit.services().account_security;
    auto state = co_await visit.services().account_security.state(visit.learner()->id);
    if (!state)
        co_return visit.problem(state.error());
    const auto email = visit.viewer()->email.reveal(gate::ForSubject{}).value_or("");
    boost::json::object view{{"email", email},
                             {"by_mail", security.mail_is_on()},
                             {"confirmed", state->email_confirmed_at.has_value()},
                             {"can_lock", security.mail_is_on() && state->email_confirmed_at.has_value()},
                             {"fields", {{"new_email", {{"value", visit.field("email")}}}}},
                             {"sessions", sessions_view(visit, state->sessions)},
                             {"other_sessions", state->sessions.size() > 1},
                             {"events", events_view(visit, state->events)}};
    if (state->email_confirmed_at)
        view["confirmed_on"] = date_text(visit, *state->email_confirmed_at);
    if (state->awaited_email)
        view["awaited"] = {{"email", state->awaited_email->reveal(gate::ForSubject{}).value_or("")},
                           {"until", moment_text(visit, state->awaited_until)}};
    if (problem)
        add_problem(view, *problem);
    co_return visit.page("security", std::move(view), Section::account, problem ? 422 : 200);
}

awaitable<Response> show_security(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    co_return co_await show(visit);
}

/// What is wrong with a password that was asked for once more stands at the field of that name.
FieldProblem at_field(const Visit& visit, const platform::AccountOutcome& outcome,
                      std::string_view current_field, std::string_view chosen_field, std::size_t length = 0) {
    using enum platform::AccountProblem;
    if (outcome.problem == email_invalid || outcome.problem == email_taken ||
        outcome.problem == weak_password)
        return {std::string(chosen_field), describe(visit, outcome, length).text};
    return {std::string(current_field), password_problem(visit, outcome)};
}

awaitable<Response> change_email(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    auto& security = visit.services().account_security;
    auto outcome = throttle(visit, visit.field("email"));
    if (!outcome.problem)
        outcome = co_await security.change_email(visit.learner()->id, visit.field("password"),
                                                 visit.field("email"), visit.facts());
    if (outcome.problem)
        co_return co_await show(visit, at_field(visit, outcome, "email_password", "new_email"));
    co_return visit.back_to("/account/security", security.mail_is_on() ? "email_asked" : "email_changed");
}

awaitable<Response> change_password(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto chosen = visit.field("new_password");
    const auto outcome = co_await visit.services().account_security.change_password(
        visit.viewer()->session, visit.field("password"), chosen, visit.facts());
    if (outcome.problem)
        co_return co_await show(
            visit, at_field(visit, outcome, "password", "new_password", count_characters(chosen)));
    auto response = visit.back_to("/account/security", "password_changed");
    add_session(response, outcome.token);
    co_return response;
}

awaitable<Response> confirm_again(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto email = visit.viewer()->email.reveal(gate::ForSubject{}).value_or("");
    if (const auto wait = throttle(visit, email); wait.problem)
        co_return co_await show(visit, FieldProblem{"email-title", describe(visit, wait).text});
    const auto sent = co_await visit.services().account_security.confirm_again(visit.learner()->id);
    if (!sent && sent.error().kind != ErrorKind::conflict)
        co_return visit.problem(sent.error());
    co_return visit.back_to("/account/security", "email_asked");
}

awaitable<Response> end_session(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto session = storage::SessionId::parse(visit.field("session"));
    if (!session)
        co_return visit.not_found();
    const auto ended =
        co_await visit.services().account_security.end_session(visit.learner()->id, *session, visit.facts());
    // Ended already, in another tab, is as well.
    if (!ended && ended.error().kind != ErrorKind::not_found)
        co_return visit.problem(ended.error());
    co_return visit.back_to("/account/security", "device_signed_out");
}

awaitable<Response> end_other_sessions(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto ended =
        co_await visit.services().account_security.end_other_sessions(visit.viewer()->session, visit.facts());
    if (!ended)
        co_return visit.problem(ended.error());
    co_return visit.back_to("/account/security", "others_signed_out");
}

// ---- by links from mails

awaitable<Response> show_button(Visit& visit, LinkKind kind, std::string_view action, std::string_view name) {
    if (!co_await visit.services().account_security.works(token_of(visit), kind))
        co_return link_expired(visit, kind);
    const auto words = [&](std::string_view part) {
        return visit.text(fmt::format("message.{}_{}", name, part));
    };
    co_return ask_by_button(visit, words("title"), {words("text")}, action, words("do"));
}

awaitable<Response> show_confirm(Visit& visit, const PathParams&) {
    co_return co_await show_button(visit, LinkKind::confirm_email, "/confirm", "confirm");
}

awaitable<Response> confirm(Visit& visit, const PathParams&) {
    const auto outcome =
        co_await visit.services().account_security.confirm(visit.field("token"), visit.facts());
    if (outcome.problem == platform::AccountProblem::email_taken)
        co_return say(visit, "message.link_expired_title", "problem.email_taken", "/account/security",
                      "security.title", 409);
    if (outcome.problem == platform::AccountProblem::link_expired)
        co_return link_expired(visit, LinkKind::confirm_email);
    if (outcome.problem)
        co_return visit.problem(Error(ErrorKind::temporary, "the address cannot be confirmed now"));
    co_return say(visit, "message.verified_title", "message.verified_text", "/account", "layout.account");
}

awaitable<Response> show_not_me(Visit& visit, const PathParams&) {
    co_return co_await show_button(visit, LinkKind::not_me, "/not-me", "not_me");
}

Response to_reset(const Visit& visit, const std::string& token) {
    auto response = visit.back_to("/reset-password?token=" + token, "locked_out");
    response.cookies.push_back(make_expired_host_cookie(session_cookie));
    return response;
}

awaitable<Response> not_me(Visit& visit, const PathParams&) {
    const auto reset = co_await visit.services().account_security.disown(visit.field("token"), visit.facts());
    if (!reset && reset.error().kind == ErrorKind::not_found)
        co_return link_expired(visit, LinkKind::not_me);
    if (!reset)
        co_return visit.problem(reset.error());
    co_return to_reset(visit, *reset);
}

awaitable<Response> lock_account(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto locked =
        co_await visit.services().account_security.disown_signed_in(visit.learner()->id, visit.facts());
    if (!locked && locked.error().kind == ErrorKind::unsupported)
        co_return redirect("/account/security#events-title");
    if (!locked)
        co_return visit.problem(locked.error());
    auto response = say(visit, "message.locked_title", "message.locked_text", "/", "layout.courses");
    response.cookies.push_back(make_expired_host_cookie(session_cookie));
    co_return response;
}

// ---- a forgotten password

awaitable<Response> show_forgotten(Visit& visit, const PathParams&) {
    co_return visit.page("forgotten_password", {{"by_mail", visit.services().account_security.mail_is_on()}});
}

awaitable<Response> forgot(Visit& visit, const PathParams&) {
    const auto email = visit.field("email");
    boost::json::object view{{"by_mail", true}, {"fields", {{"email", {{"value", email}}}}}};
    if (auto outcome = throttle(visit, email); outcome.problem) {
        add_problem(view, {"email", describe(visit, outcome).text});
        co_return visit.page("forgotten_password", std::move(view), Section::none, 429);
    }
    if (!platform::is_email_address(email)) {
        add_problem(view, {"email", visit.text("problem.email_invalid")});
        co_return visit.page("forgotten_password", std::move(view), Section::none, 422);
    }
    co_await visit.services().account_security.forgot_password(email, visit.facts());
    co_return say(visit, "message.reset_asked_title", "message.reset_asked_text", "/sign-in",
                  "layout.sign_in");
}

awaitable<Response> show_reset(Visit& visit, const PathParams&) {
    const auto token = token_of(visit);
    if (!co_await visit.services().account_security.works(token, LinkKind::reset_password))
        co_return link_expired(visit, LinkKind::reset_password);
    co_return visit.page("reset_password", {{"token", token}});
}

awaitable<Response> reset(Visit& visit, const PathParams&) {
    const auto token = visit.field("token");
    const auto chosen = visit.field("password");
    const auto outcome =
        co_await visit.services().account_security.reset_password(token, chosen, visit.facts());
    if (outcome.problem == platform::AccountProblem::link_expired)
        co_return link_expired(visit, LinkKind::reset_password);
    if (outcome.problem) {
        boost::json::object view{{"token", token}};
        add_problem(view, describe(visit, outcome, count_characters(chosen)));
        co_return visit.page("reset_password", std::move(view), Section::none, 422);
    }
    co_return visit.back_to("/sign-in", "password_reset");
}

}  // namespace

void add_security_pages(PageRoutes& routes) {
    const RouteOptions essential{.priority = Priority::essential};
    routes.get("/account/security", show_security);
    routes.post("/account/security/email", change_email);
    routes.post("/account/security/email/again", confirm_again);
    routes.post("/account/security/password", change_password);
    routes.post("/account/security/sessions/end", end_session, essential);
    routes.post("/account/security/sessions/end-others", end_other_sessions, essential);
    routes.post("/account/security/lock", lock_account, essential);
    routes.get("/confirm", show_confirm);
    routes.post("/confirm", confirm);
    routes.get("/not-me", show_not_me, essential);
    routes.post("/not-me", not_me, essential);
    routes.get("/forgotten-password", show_forgotten);
    routes.post("/forgotten-password", forgot);
    routes.get("/reset-password", show_reset);
    routes.post("/reset-password", reset);
}

}  // namespace calyptenora::http
