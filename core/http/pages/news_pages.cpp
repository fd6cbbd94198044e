#include "http/pages/account_problems.hpp"
#include "http/pages/choices.hpp"
#include "http/pages/message_page.hpp"
#include "http/pages/news_view.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "web/format.hpp"

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

constexpr Purpose purpose = Purpose::marketing_communications_email;

const gate::Standing* find_news(const Visit& visit) {
    return visit.find_standing(settings::core_mail_id(), purpose);
}

/// What somebody subscribes to, and on which terms.
std::vector<std::string> terms_in_words(const Visit& visit) {
    const auto settings = visit.services().settings();
    std::vector<std::string> paragraphs{
        visit.text("news.what", {{"operator", settings->operator_info.legal_name}})};
    if (const auto* standing = find_news(visit)) {
        const auto& recipient = visit.policy()->find_instance(standing->row->instance)->recipient;
        paragraphs.push_back(visit.text(
            "news.carrier", {{"fields", fields_in_words(visit, fields_of_flow(*standing->row))},
                             {"recipient", recipient.legal_name},
                             {"country", web::country_name(recipient.country, visit.language())}}));
    }
    paragraphs.push_back(
        visit.text("news.ending", {{"years", std::to_string(platform::News::validity.count())}}));
    return paragraphs;
}

/// The question behind the link: the first step of the double opt-in, and what is asked for.
struct Question {
    std::vector<std::string> paragraphs;
    std::string button;

    std::string text() const { return fmt::format("{}\n[{}]\n", fmt::join(paragraphs, "\n"), button); }
    /// So that nobody confirms what they have not seen.
    std::string hash() const { return storage::make_content_hash(text()); }
};

Question make_question(const Visit& visit, storage::Timestamp asked_at) {
    Question question{terms_in_words(visit), visit.text("news.confirm")};
    question.paragraphs.push_back(visit.text("news.asked_at", {{"on", moment_text(visit, asked_at)}}));
    return question;
}

gate::ChoiceContext context_of(const Visit& visit, std::string action, std::string shown_text) {
    return {.origin = storage::ConsentOrigin::account,
            .language = std::string(visit.language_tag()),
            .action = std::move(action),
            .shown_text = std::move(shown_text),
            .notice_version = visit.policy()->hash().substr(0, 12)};
}

Response link_expired(const Visit& visit) {
    return say(visit, "message.link_expired_title", "message.news_expired_text", news_url,
               "notification.title", 410);
}

Response blocked(const Visit& visit) {
    return say(visit, "news.title", "news.blocked", news_url, "notification.title", 403);
}

// ---- in the account

awaitable<Response> ask(Visit& visit) {
    const auto email = visit.viewer()->email.reveal(gate::ForSubject{}).value_or("");
    if (throttle(visit, email).problem)
        co_return say(visit, "news.title", "problem.news_too_often", news_url, "notification.title", 429);
    const auto asked = co_await visit.services().news.ask(visit.learner()->id);
    if (!asked && asked.error().kind == ErrorKind::conflict)
        co_return redirect("/account/security");
    if (!asked && asked.error().kind == ErrorKind::denied)
        co_return blocked(visit);
    if (!asked && asked.error().kind == ErrorKind::unsupported)
        co_return visit.not_found();
    if (!asked)
        co_return visit.problem(asked.error());
    co_return visit.back_to(news_url, "news_asked");
}

awaitable<Response> choose(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    if (visit.field("choice") != "end")
        co_return co_await ask(visit);
    const auto* standing = find_news(visit);
    if (!standing)
        co_return visit.not_found();
    const auto ended = co_await record_choices(visit, {{standing->row->instance, purpose, false}},
                                               {standing->row}, "news_ended");
    if (!ended)
        co_return visit.problem(ended.error());
    co_return visit.back_to(news_url, "choice_saved");
}

// ---- by links from mails

Response ask_to_confirm(const Visit& visit, const Question& question) {
    return ask_by_button(visit, visit.text("news.title"), question.paragraphs, "/news/confirm",
                         question.button, {{"question", question.hash()}});
}

awaitable<Response> show_confirm(Visit& visit, const PathParams&) {
    const auto asked_at = co_await visit.services().news.find_request(token_of(visit));
    if (!asked_at)
        co_return link_expired(visit);
    co_return ask_to_confirm(visit, make_question(visit, *asked_at));
}

awaitable<Response> confirm(Visit& visit, const PathParams&) {
    const auto token = token_of(visit);
    const auto asked_at = co_await visit.services().news.find_request(token);
    if (!asked_at)
        co_return link_expired(visit);
    const auto question = make_question(visit, *asked_at);
    if (visit.field("question") != question.hash())
        co_return ask_to_confirm(visit, question);
    const auto confirmed = co_await visit.services().news.confirm(
        token, context_of(visit, "news_double_opt_in", question.text()));
    if (!confirmed && confirmed.error().kind == ErrorKind::not_found)
        co_return link_expired(visit);
    if (!confirmed && confirmed.error().kind == ErrorKind::denied)
        co_return blocked(visit);
    if (!confirmed)
        co_return visit.problem(confirmed.error());
    co_return say(visit, "message.news_confirmed_title", "message.news_confirmed_text", news_url,
                  "notification.title");
}

awaitable<Response> show_unsubscribe(Visit& visit, const PathParams&) {
    co_return ask_by_button(visit, visit.text("news.unsubscribe_title"),
                            {visit.text("news.unsubscribe_text")}, "/unsubscribe",
                            visit.text("news.unsubscribe"));
}

// The address in a letter's header is posted to with the token in it, our own page's form has it among its
// fields. No redirect (RFC 8058, section 3.1).
awaitable<Response> unsubscribe(Visit& visit, const PathParams&) {
    // A mail program shows nothing of ours.
    const bool one_click = visit.field("List-Unsubscribe") == "One-Click";
    auto context = one_click
                       ? context_of(visit, "news_one_click", "List-Unsubscribe=One-Click")
                       : context_of(visit, "news_unsubscribe_page", visit.text("news.unsubscribe_text"));
    const auto ended = co_await visit.services().news.unsubscribe(token_of(visit), std::move(context));
    if (!ended && ended.error().kind == ErrorKind::not_found)
        co_return say(visit, "message.link_expired_title", "message.unsubscribe_unknown_text", news_url,
                      "notification.title", 404);
    if (!ended)
        co_return visit.problem(ended.error());
    co_return say(visit, "message.unsubscribed_title", "message.unsubscribed_text", "/", "layout.courses");
}

}  // namespace

awaitable<std::optional<boost::json::object>> news_view(const Visit& visit) {
    const auto* standing = find_news(visit);
    if (!standing)
        co_return std::nullopt;
    const auto terms = terms_in_words(visit);
    boost::json::object view{{"terms", boost::json::array(terms.begin(), terms.end())}};
    const auto state = co_await visit.services().news.state(visit.learner()->id);
    view["blocked"] = state && state->blocked;
    const auto now = visit.services().gate.clock().now();
    if ((standing->state == ConsentState::given || standing->state == ConsentState::renewed) &&
        standing->expires_at && *standing->expires_at > now) {
        view["subscribed"] = {{"since", date_text(visit, *standing->changed_at)},
                              {"until", date_text(visit, *standing->expires_at)}};
        co_return view;
    }
    if (!state || state->blocked)
        co_return view;
    view["can_ask"] = state->confirmed;
    view["unconfirmed"] = !state->confirmed;
    if (state->awaited_until)
        view["awaited"] = {{"until", moment_text(visit, *state->awaited_until)}};
    co_return view;
}

void add_news_pages(PageRoutes& routes) {
    const RouteOptions essential{.priority = Priority::essential};
    routes.post("/notifications/news", choose, essential);
    routes.get("/news/confirm", show_confirm);
    routes.post("/news/confirm", confirm);
    routes.get("/unsubscribe", show_unsubscribe, essential);
    routes.post_by_secret("/unsubscribe", unsubscribe, essential);
}

}  // namespace calyptenora::http
