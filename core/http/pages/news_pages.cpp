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
    paragraphs.push_back(visit.text("news.ending"));
    return paragraphs;
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

// ---- in the account

awaitable<Response> ask(Visit& visit) {
    const auto email = visit.viewer()->email.reveal(gate::ForSubject{}).value_or("");
    if (throttle(visit, email).problem)
        co_return say(visit, "news.title", "problem.news_too_often", news_url, "notification.title", 429);
    const auto asked = co_await visit.services().news.ask(visit.learner()->id);
    if (!asked && asked.error().kind == ErrorKind::conflict)
        co_return redirect("/account/security");
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

awaitable<Response> show_confirm(Visit& visit, const PathParams&) {
    if (!co_await visit.services().news.works(token_of(visit)))
        co_return link_expired(visit);
    co_return ask_by_button(visit, visit.text("news.title"), terms_in_words(visit), "/news/confirm",
                            visit.text("news.confirm"));
}

awaitable<Response> confirm(Visit& visit, const PathParams&) {
    std::string shown;
    for (const auto& paragraph : terms_in_words(visit))
        shown += paragraph + "\n";
    shown += fmt::format("[{}]\n", visit.text("news.confirm"));
    const auto confirmed = co_await visit.services().news.confirm(
        visit.field("token"), context_of(visit, "news_double_opt_in", std::move(shown)));
    if (!confirmed &&
        (confirmed.error().kind == ErrorKind::not_found || confirmed.error().kind == ErrorKind::unsupported))
        co_return link_expired(visit);
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
    const auto token = token_of(visit).empty() ? visit.field("token") : token_of(visit);
    const auto ended = co_await visit.services().news.unsubscribe(
        token, context_of(visit, "news_unsubscribed_by_letter", visit.text("news.unsubscribe_text")));
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
    const bool given = standing->state == ConsentState::given || standing->state == ConsentState::renewed;
    if (standing->flowing || (given && standing->guardian_missing)) {
        view["subscribed"] = {{"since", standing->changed_at ? date_text(visit, *standing->changed_at) : ""},
                              {"until", standing->expires_at ? date_text(visit, *standing->expires_at) : ""},
                              {"awaits_guardian", standing->guardian_missing}};
        co_return view;
    }
    view["can_ask"] = visit.learner()->email_confirmed_at.has_value();
    if (const auto until = co_await visit.services().news.awaited_until(visit.learner()->id); until && *until)
        view["awaited"] = {{"until", moment_text(visit, **until)}};
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
