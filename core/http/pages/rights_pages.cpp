#include "http/pages/account_problems.hpp"
#include "http/pages/choices.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "platform/rights/deadlines.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using storage::RequestKind;
using storage::RequestStatus;

constexpr std::size_t longest_name = 200;
constexpr int most_accesses = 100;

std::string status_text(const Visit& visit, RequestStatus status) {
    return visit.text(fmt::format("request_status.{}", boost::describe::enum_to_string(status, "")));
}

/// What partials/request says of the copy that a request is about; nothing if there is nothing to say yet.
boost::json::object copy_view(const Visit& visit, const platform::RequestView& view) {
    const auto& request = view.request;
    if (const auto percent = visit.services().copies.percent(request.id))
        return {{"making", true}, {"percent", *percent}};
    if (!view.copy)
        return request.settled_at ? boost::json::object()
                                  : boost::json::object{{"making", true}, {"percent", 0}};
    const auto& copy = *view.copy;
    const bool is_there = copy.expires_at > visit.services().gate.clock().now();
    boost::json::object shown{{"made_on", moment_text(visit, copy.made_at)},
                              {"until", moment_text(visit, copy.expires_at)},
                              {"there", is_there},
                              {"gone", !is_there},
                              {"renew", !is_there && !request.settled_at},
                              {"incomplete", !request.settled_at},
                              {"size", web::format_number((copy.size + 1023) / 1024, visit.language())}};
    if (copy.fetched_at)
        shown["fetched_on"] = moment_text(visit, *copy.fetched_at);
    return shown;
}

/// The view of partials/request. `take_back_url` is where it can be taken back.
boost::json::object request_view(const Visit& visit, const platform::RequestView& view,
                                 std::string_view take_back_url) {
    const auto& request = view.request;
    boost::json::array parts;
    for (const auto& step : view.steps) {
        boost::json::object part{{"who", step.instance.empty() ? visit.text("rights.we") : step.recipient},
                                 {"status_text", status_text(visit, step.status)}};
        if (step.retained_until)
            part["until"] = day_text(visit, *step.retained_until);
        parts.push_back(std::move(part));
    }
    boost::json::object shown{
        {"id", request.id.text()},
        {"title",
         visit.text(fmt::format("request_kind.{}", boost::describe::enum_to_string(request.kind, "")))},
        {"status_text", status_text(visit, request.status)},
        {"received_on", date_text(visit, request.received_at)},
        {"due_on", date_text(visit, request.due_at)},
        {"parts", std::move(parts)}};
    if (platform::asks_for_copy(request.kind))
        if (auto copy = copy_view(visit, view); !copy.empty())
            shown["copy"] = std::move(copy);
    if (request.extension_reason)
        shown["extension"] = *request.extension_reason;
    if (request.status == RequestStatus::pending && request.starts_at > visit.services().gate.clock().now()) {
        shown["begins_on"] = moment_text(visit, request.starts_at);
        shown["take_back_url"] = take_back_url;
    }
    return shown;
}

/// The view of partials/accesses.
boost::json::array accesses_view(const Visit& visit, const std::vector<storage::Access>& accesses) {
    boost::json::array rows;
    for (const auto& access : accesses)
        rows.push_back({{"on", moment_text(visit, access.at)},
                        {"who", visit.text(fmt::format("staff_role.{}", key_of(access.role)))},
                        {"what", visit.text(fmt::format("access_part.{}",
                                                        boost::describe::enum_to_string(access.part, "")))},
                        {"why", access.reason}});
    return rows;
}

/// The view of partials/demands.
boost::json::array demands_view(const Visit& visit, const std::vector<storage::LegalDemand>& demands) {
    boost::json::array rows;
    for (const auto& demand : demands) {
        boost::json::object row{{"authority", demand.authority},
                                {"reference", demand.reference},
                                {"ground", demand.ground},
                                {"received_on", day_text(visit, demand.received_on)},
                                {"refused", !demand.released_at}};
        if (demand.released_at) {
            row["released_on"] = date_text(visit, *demand.released_at);
            row["fields"] = fields_in_words(visit, demand.granted.categories);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

awaitable<Response> render_own_data(Visit& visit, const std::optional<FieldProblem>& problem = {}) {
    const auto& services = visit.services();
    const auto* learner = visit.learner();
    const auto accesses = co_await services.staff.list_accesses(learner->id, most_accesses);
    if (!accesses)
        co_return visit.problem(accesses.error());
    const auto demands = co_await services.legal_demands.list_told(learner->id);
    if (!demands)
        co_return visit.problem(demands.error());
    boost::json::array requests;
    if (const auto known = co_await services.requests.list(learner->id))
        for (const auto& view : *known)
            requests.push_back(request_view(visit, view, "/account/data/take-back"));
    boost::json::object fields{
        {"name", {{"value", visit.viewer()->display_name.reveal(gate::ForSubject{}).value_or("")}}},
        {"password", boost::json::object()},
        {"access_password", boost::json::object()}};
    boost::json::object view{{"restricted", learner->restricted_at.has_value()},
                             {"window_days", services.requests.options().erasure_window.count()},
                             {"fields", std::move(fields)},
                             {"requests", std::move(requests)},
                             {"demands", demands_view(visit, *demands)},
                             {"accesses", accesses_view(visit, *accesses)}};
    if (problem)
        add_problem(view, *problem);
    if (learner->restricted_at)
        view["restricted_on"] = date_text(visit, *learner->restricted_at);
    co_return visit.page("own_data", std::move(view), Section::account, problem ? 422 : 200);
}

awaitable<Response> show_own_data(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    co_return co_await render_own_data(visit);
}

/// Receives the request and shows its own page, whose address the person is to keep.
awaitable<Response> receive(Visit& visit, RequestKind kind, platform::RequestDetails details = {}) {
    const auto received = co_await visit.services().requests.receive(
        visit.learner()->id, kind, std::move(details), std::string(visit.language_tag()), "subject");
    if (!received && received.error().kind == ErrorKind::conflict)
        co_return co_await render_own_data(visit, FieldProblem{"main", visit.text("problem.request_open")});
    if (!received)
        co_return visit.problem(received.error());
    co_return visit.back_to("/requests/" + received->token, "request_received");
}

template <RequestKind kind>
awaitable<Response> ask(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    co_return co_await receive(visit, kind);
}

/// Whoever finds an open browser must not carry everything away. Nothing if the password is right.
awaitable<std::optional<std::string>> find_password_problem(Visit& visit) {
    const auto outcome = co_await visit.services().accounts.check_password(
        visit.learner()->id, visit.field("password"), visit.facts());
    if (!outcome.problem)
        co_return std::nullopt;
    co_return password_problem(visit, outcome);
}

awaitable<Response> ask_for_copy(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    if (auto problem = co_await find_password_problem(visit))
        co_return co_await render_own_data(visit, FieldProblem{"access_password", std::move(*problem)});
    co_return co_await receive(visit, RequestKind::access);
}

class CopyBody final : public BodySource {
  public:
    explicit CopyBody(storage::EncryptedFileReader reader) : reader_(std::move(reader)) {}
    std::uint64_t size() const override { return reader_.size(); }
    std::optional<std::string> read() override {
        auto bytes = reader_.read();
        return bytes ? std::move(*bytes) : std::nullopt;
    }

  private:
    storage::EncryptedFileReader reader_;
};

awaitable<Response> fetch_copy(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto id = storage::RequestId::parse(visit.field("request"));
    if (!id)
        co_return visit.not_found();
    if (auto problem = co_await find_password_problem(visit))
        co_return co_await render_own_data(visit, FieldProblem{"main", std::move(*problem)});
    auto copy = co_await visit.services().copies.fetch(visit.learner()->id, *id);
    if (!copy)
        co_return visit.problem(copy.error());
    Response response;
    response.headers.set("Content-Type", "application/zip");
    response.headers.set("Content-Disposition",
                         fmt::format(R"(attachment; filename="{}-{}.zip")", visit.text("rights.copy_name"),
                                     platform::day_of(copy->made_at)));
    response.headers.set("Cache-Control", "no-store");
    response.body = std::make_unique<CopyBody>(std::move(copy->reader));
    co_return response;
}

awaitable<Response> renew_copy(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto id = storage::RequestId::parse(visit.field("request"));
    if (!id)
        co_return visit.not_found();
    if (const auto renewed = co_await visit.services().requests.renew_copy(visit.learner()->id, *id);
        !renewed)
        co_return visit.problem(renewed.error());
    co_return visit.back_to("/account/data", "copy_renewed");
}

awaitable<Response> rectify(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    auto name = visit.field("name");
    if (name.empty() || name.size() > longest_name)
        co_return co_await render_own_data(visit, FieldProblem{"name", visit.text("problem.name_required")});
    platform::RequestDetails details;
    details.display_name = std::move(name);
    co_return co_await receive(visit, RequestKind::rectification, std::move(details));
}

/// Whoever finds an open browser must not be able to delete an account: the password is asked for, and what
/// it is good for is a new session in the place of this one.
awaitable<Response> erase(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto& services = visit.services();
    const auto& viewer = *visit.viewer();
    const auto outcome =
        co_await services.accounts.sign_in(viewer.email.reveal(gate::ForSubject{}).value_or(""),
                                           visit.field("password"), visit.facts(), std::nullopt);
    if (!outcome.token)
        co_return co_await render_own_data(visit, FieldProblem{"password", password_problem(visit, outcome)});
    (void)co_await services.accounts.sign_out(viewer.subject(), viewer.session.id);
    auto response = co_await receive(visit, RequestKind::erasure);
    add_session(response, outcome.token);
    co_return response;
}

awaitable<Response> take_back(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto id = storage::RequestId::parse(visit.field("request"));
    if (!id)
        co_return visit.not_found();
    if (const auto cancelled = co_await visit.services().requests.cancel(visit.learner()->id, *id);
        !cancelled)
        co_return visit.problem(cancelled.error());
    co_return visit.back_to("/account/data", "request_taken_back");
}

awaitable<Response> lift(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto lifted = co_await visit.services().requests.lift_restriction(visit.learner()->id);
    if (!lifted && lifted.error().kind != ErrorKind::not_found)
        co_return visit.problem(lifted.error());
    co_return visit.back_to("/account/data", "restriction_lifted");
}

awaitable<Response> show_request(Visit& visit, const PathParams& path) {
    const auto token = std::string(path.at("token"));
    const auto found = co_await visit.services().requests.find_by_token(token);
    if (!found)
        co_return visit.problem(found.error());
    boost::json::object view{{"request", request_view(visit, *found, "/requests/" + token + "/take-back")}};
    if (found->request.settled_at && found->request.kind == RequestKind::erasure &&
        found->request.status != RequestStatus::cancelled)
        view["letter"] = visit.text("rights.erased");
    co_return visit.page("request", std::move(view), Section::account);
}

awaitable<Response> take_back_by_token(Visit& visit, const PathParams& path) {
    const auto token = std::string(path.at("token"));
    if (const auto cancelled = co_await visit.services().requests.cancel_by_token(token); !cancelled)
        co_return visit.problem(cancelled.error());
    co_return visit.back_to("/requests/" + token, "request_taken_back");
}

}  // namespace

void add_rights_pages(PageRoutes& routes) {
    const RouteOptions essential{.priority = Priority::essential};
    routes.get("/account/data", show_own_data);
    routes.post("/account/data/access", ask_for_copy);
    routes.post("/account/data/copy", fetch_copy);
    routes.post("/account/data/renew-copy", renew_copy);
    routes.post("/account/data/rectification", rectify);
    routes.post("/account/data/restriction", ask<RequestKind::restriction>, essential);
    routes.post("/account/data/objection", ask<RequestKind::objection>, essential);
    routes.post("/account/data/erasure", erase, essential);
    routes.post("/account/data/take-back", take_back, essential);
    routes.post("/account/data/lift", lift);
    routes.get("/requests/{token}", show_request);
    routes.post("/requests/{token}/take-back", take_back_by_token, essential);
}

}  // namespace calyptenora::http
