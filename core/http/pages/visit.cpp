#include "http/pages/visit.hpp"

#include "http/cookies.hpp"
#include "http/csrf.hpp"
#include "http/pages/error_page.hpp"
#include "http/pages/words.hpp"
#include "http/target.hpp"
#include "platform/technical_data.hpp"
#include "settings/technical_use.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <set>

namespace calyptenora::http {
namespace {

web::Language choose_language(const Services& services, const Request& request,
                              const storage::Learner* learner) {
    if (const auto chosen = find_host_cookie(request.cookies, language_cookie))
        if (const auto language = web::find_language(*chosen))
            return *language;
    if (learner)
        if (const auto language = web::find_language(learner->language))
            return *language;
    const auto fallback = services.settings()->platform.default_language == settings::Language::de
                              ? web::Language::de
                              : web::Language::en;
    return web::negotiate_language(request.accept_language(), fallback);
}

/// Notices name a text of the catalogue, so that nobody can put words into a page through the cookie.
bool is_notice(const web::Translations& texts, std::string_view key) {
    return texts.find_text(web::Language::en, "message." + std::string(key)) != nullptr &&
           web::placeholders_of(texts.find_text(web::Language::en, "message." + std::string(key))->other)
               .empty();
}

}  // namespace

boost::asio::awaitable<Result<Visit>> Visit::begin(const Services& services, const Request& request,
                                                   platform::VisitorPart part) {
    Visit visit(services, request);
    visit.policy_ = services.gate.policy();
    const auto token = find_host_cookie(request.cookies, session_cookie);
    auto visitor =
        co_await services.visitors.find(token ? std::optional(std::string(*token)) : std::nullopt,
                                        visit.policy_, request.signals_global_privacy_control(), part);
    if (!visitor)
        co_return visitor.error();
    visit.visitor_ = std::move(*visitor);
    if (visit.viewer())
        visit.form_secret_ = *token;
    if (visit.form_secret_.empty()) {
        const auto secret = find_host_cookie(request.cookies, visit_cookie);
        visit.new_visit_ = !secret || secret->size() < 32;
        visit.form_secret_ = visit.new_visit_ ? storage::sessions::make_token() : std::string(*secret);
    }
    visit.language_ = choose_language(services, request, visit.learner());
    co_return visit;
}

Cookie make_own_cookie(const platform::OwnCookie& cookie, std::string_view value) {
    return make_host_cookie(cookie.name, value, cookie.lifetime);
}

std::optional<storage::SubjectId> Visit::subject() const {
    return viewer() ? std::optional(viewer()->subject()) : std::nullopt;
}

const storage::Learner* Visit::learner() const {
    return viewer() && viewer()->learner ? &*viewer()->learner : nullptr;
}

std::optional<storage::SubjectId> Visit::guest() const {
    return viewer() && viewer()->is_guest() ? std::optional(viewer()->subject()) : std::nullopt;
}

platform::RequestFacts Visit::facts() const {
    return {.ip_address = request_->peer.to_string(),
            .user_agent = std::string(request_->headers.find("User-Agent").value_or("")),
            .language = std::string(language_tag()),
            .privacy_control = request_->signals_global_privacy_control()};
}

const gate::Standing* Visit::find_standing(const settings::InstanceId& instance, Purpose purpose) const {
    for (const auto& standing : standings())
        if (standing.row->instance == instance && standing.row->flow.purpose == purpose)
            return &standing;
    return nullptr;
}

std::string Visit::text(std::string_view key, const web::Translations::Arguments& arguments) const {
    return services_->renderer.translations().text(language_, key, arguments);
}

std::string Visit::csrf_token() const {
    return make_csrf_token(services_->csrf_key, form_secret_);
}

bool Visit::is_own_form() const {
    const auto origin = request_->own_origin();
    return check_csrf(make_csrf_facts(*request_, origin), services_->csrf_key, form_secret_) ==
           CsrfVerdict::admitted;
}

bool Visit::is_stale_form() const {
    const auto origin = request_->own_origin();
    return check_csrf(make_csrf_facts(*request_, origin), services_->csrf_key, form_secret_) ==
           CsrfVerdict::wrong_token;
}

std::string Visit::field(std::string_view name) const {
    return std::string(request_->form.fields.find(name).value_or(""));
}

std::string Visit::return_path(std::string_view fallback) const {
    return std::string(find_local_target(field("return_to")).value_or(std::string(fallback)));
}

void Visit::attach_cookies(Response& response) const {
    if (new_visit_)
        response.cookies.push_back(make_own_cookie(platform::visit_cookie, form_secret_));
}

boost::json::object Visit::layout(Section section) const {
    const auto settings = services_->settings();
    const auto& platform = settings->platform;
    boost::json::object view;
    const auto catalogue = services_->catalogue.current();
    const bool sells = std::ranges::any_of(catalogue->courses(), [](const auto& c) { return !c.is_free(); });
    view["site"] = {{"name", platform.name},
                    {"tagline", platform.name},
                    {"sells", sells},
                    {"terms", services_->terms.current() != nullptr}};
    view["csrf"] = csrf_token();
    view["path"] = request_->target.raw_query.empty()
                       ? request_->target.raw_path
                       : request_->target.raw_path + "?" + request_->target.raw_query;
    if (learner()) {
        const auto& presentation = learner()->presentation;
        if (presentation.theme)
            view["theme"] = boost::describe::enum_to_string(*presentation.theme, "");
        if (presentation.text_size)
            view["text_size"] = boost::describe::enum_to_string(*presentation.text_size, "");
        view["account"] = {{"name", viewer()->display_name.reveal(gate::ForSubject{}).value_or("")},
                           {"staff", learner()->role != storage::Role::learner}};
        if (visitor_.awaiting > 0)
            view["account"].as_object()["awaiting"] = visitor_.awaiting;
    }
    view["nav"] = {{"courses", section == Section::courses},
                   {"support", section == Section::support},
                   {"account", section == Section::account}};
    std::string choices;
    for (const auto& standing : standings())
        choices +=
            flow_key(*standing.row) + (standing.flowing ? "+" : "-") + std::string(key_of(standing.state));
    view["consent_version"] = gate::sha256_hex(choices).substr(0, 16);
    if (const auto notice = find_host_cookie(request_->cookies, notice_cookie);
        notice && is_notice(services_->renderer.translations(), *notice))
        view["notices"] =
            boost::json::array{{{"success", true}, {"text", text("message." + std::string(*notice))}}};
    if (visitor_.announcement)
        view["announcement"] = announcement_view(*this, *visitor_.announcement);
    if (auto dialog = consent_dialog())
        view["consent_dialog"] = std::move(*dialog);
    return view;
}

// The dialog stands on every page until each flow that asks has an answer; answering nothing is an answer
// too, but one that is not recorded.
std::optional<boost::json::object> Visit::consent_dialog() const {
    std::map<Purpose, std::vector<std::string>> purposes;
    std::set<std::string> recipients;
    bool own = false;
    for (const auto& standing : standings()) {
        if (!standing.asked || gate::opts_in_by_mail(*standing.row))
            continue;
        const auto& recipient = policy_->find_instance(standing.row->instance)->recipient;
        purposes[standing.row->flow.purpose].push_back(
            fmt::format("{} ({})", recipient.legal_name, web::country_name(recipient.country, language_)));
        if (standing.row->instance == settings::core_technical_id())
            own = true;
        else
            recipients.insert(standing.row->instance.text());
    }
    if (purposes.empty())
        return std::nullopt;
    boost::json::array list;
    for (const auto& [purpose, names] : purposes)
        list.push_back({{"name", text("purpose." + std::string(key_of(purpose)))},
                        {"recipients_text", web::join_list(names, language_)}});
    return boost::json::object{{"count", recipients.size()},
                               {"only_own", recipients.empty()},
                               {"also_own", own},
                               {"purposes", std::move(list)},
                               {"gpc", request_->signals_global_privacy_control()}};
}

bool Visit::may_gather(Purpose purpose) const {
    const auto* standing = find_standing(settings::core_technical_id(), purpose);
    return standing && standing->flowing;
}

std::optional<boost::json::object> Visit::technical(std::string_view page) const {
    if (!platform::is_page_counted(page))
        return std::nullopt;
    std::string uses;
    for (const auto& [purpose, use] :
         {std::pair(Purpose::analytics_reporting_system_performance, CookieCategory::performance),
          std::pair(Purpose::functional_service_improve, CookieCategory::functional),
          std::pair(Purpose::analytics_reporting_content_performance, CookieCategory::analytics)})
        if (may_gather(purpose))
            uses.append(uses.empty() ? "" : " ").append(key_of(use));
    if (uses.empty())
        return std::nullopt;
    return boost::json::object{{"page", page}, {"uses", std::move(uses)}};
}

std::optional<std::string> Visit::device() const {
    const auto found = find_host_cookie(request_->cookies, settings::device_cookie_name);
    return found && found->size() >= 32 && found->size() <= 64 ? std::optional(std::string(*found))
                                                               : std::nullopt;
}

void Visit::attach_device(Response& response) const {
    const bool has_cookie = find_host_cookie(request_->cookies, settings::device_cookie_name).has_value();
    if (!may_gather(Purpose::analytics_reporting_content_performance)) {
        if (has_cookie)
            response.cookies.push_back(make_expired_host_cookie(settings::device_cookie_name));
    } else if (!device()) {
        response.cookies.push_back(make_host_cookie(settings::device_cookie_name,
                                                    storage::sessions::make_token(),
                                                    services_->settings()->retention.devices_days));
    }
}

Response Visit::page(std::string_view name, boost::json::object view, Section section, int status) const {
    if (auto uses = technical(name))
        view["technical"] = std::move(*uses);
    for (auto& [key, value] : layout(section)) {
        if (key == "consent_dialog" && (name == "consent_choose" || name == "privacy"))
            continue;
        if (view.if_contains(key))
            continue;
        view[key] = std::move(value);
    }
    auto response = Response::make_page(services_->renderer.render(name, view, language_), status);
    if (find_host_cookie(request_->cookies, notice_cookie))
        response.cookies.push_back(make_expired_host_cookie(notice_cookie));
    attach_device(response);
    return response;
}

Response Visit::problem(const Error& error) const {
    const auto view = [&](std::string_view heading, std::string_view what, std::string_view todo) {
        return boost::json::object{{"heading", text(fmt::format("failure.{}", heading))},
                                   {"what", text(fmt::format("failure.{}", what))},
                                   {"todo", text(fmt::format("failure.{}", todo))},
                                   {"link", {{"url", "/"}, {"text", text("failure.to_courses")}}},
                                   {"reference", request_->reference}};
    };
    switch (error.kind) {
        case ErrorKind::not_found:
            return not_found();
        case ErrorKind::denied:
            return page("error", view("denied_heading", "denied_what", "to_courses"), Section::none, 403);
        default: {
            auto general = view("general_heading", "general_what", "todo_retry");
            general["safe"] = text("failure.safe_nothing_sent");
            return page("error", std::move(general), Section::none,
                        error.kind == ErrorKind::temporary ? 503 : 500);
        }
    }
}

Response Visit::not_found() const {
    return page("error",
                {{"heading", text("failure.not_found_heading")},
                 {"what", text("failure.not_found_what")},
                 {"todo", text("failure.to_courses")},
                 {"link", {{"url", "/"}, {"text", text("failure.to_courses")}}},
                 {"reference", request_->reference}},
                Section::none, 404);
}

Response Visit::ask_to_sign_in() const {
    return redirect("/sign-in?return_to=" + percent_encode(request_->target.raw_path));
}

Response Visit::back_to(std::string_view path, std::string_view notice) const {
    auto response = redirect(path);
    if (!notice.empty())
        response.cookies.push_back(make_own_cookie(platform::notice_cookie, notice));
    return response;
}

namespace {

/// The answer where it cannot be read who asks.
Response make_unreadable(const Services& services, const Request& request) {
    const ErrorPage page{
        .status = 503, .reference = request.reference, .retry_after = std::chrono::seconds(1)};
    return make_error_renderer(services)(page, &request);
}

/// The handler of a router: reads the visit and has it answered.
auto answer_with(const Services& services, PageHandler handler,
                 platform::VisitorPart part = platform::VisitorPart::none) {
    return [&services, handler = std::move(handler), part](
               Request& request, const PathParams& path) -> boost::asio::awaitable<Response> {
        auto visit = co_await Visit::begin(services, request, part);
        if (!visit)
            co_return make_unreadable(services, request);
        auto response = co_await handler(*visit, path);
        visit->attach_cookies(response);
        co_return response;
    };
}

}  // namespace

void PageRoutes::get(std::string_view pattern, PageHandler handler, RouteOptions options) {
    router_.get(pattern, answer_with(services_, std::move(handler)), options);
}

void PageRoutes::get(std::string_view pattern, PageHandler handler, platform::VisitorPart part) {
    router_.get(pattern, answer_with(services_, std::move(handler), part));
}

void PageRoutes::post_by_secret(std::string_view pattern, PageHandler handler, RouteOptions options) {
    router_.post(pattern, answer_with(services_, std::move(handler)), options);
}

void PageRoutes::post(std::string_view pattern, PageHandler handler, RouteOptions options) {
    post(pattern, std::move(handler), {}, options);
}

void PageRoutes::post(std::string_view pattern, PageHandler handler, PageHandler stale,
                      RouteOptions options) {
    router_.post(
        pattern,
        [this_services = &services_, handler = std::move(handler), stale = std::move(stale)](
            Request& request, const PathParams& path) -> boost::asio::awaitable<Response> {
            auto begun = co_await Visit::begin(*this_services, request);
            if (!begun)
                co_return make_unreadable(*this_services, request);
            auto& visit = *begun;
            if (stale && visit.is_stale_form()) {
                auto response = co_await stale(visit, path);
                visit.attach_cookies(response);
                co_return response;
            }
            if (!visit.is_own_form()) {
                auto response = visit.page(
                    "error",
                    {{"heading", visit.text("failure.form_expired_heading")},
                     {"what", visit.text("failure.form_expired_what")},
                     {"safe", visit.text("failure.safe_nothing_sent")},
                     {"todo", visit.text("error.retry")},
                     {"link", {{"url", visit.return_path("/")}, {"text", visit.text("error.retry")}}},
                     {"reference", request.reference}},
                    Section::none, 403);
                visit.attach_cookies(response);
                co_return response;
            }
            auto response = co_await handler(visit, path);
            visit.attach_cookies(response);
            co_return response;
        },
        options);
}

}  // namespace calyptenora::http
