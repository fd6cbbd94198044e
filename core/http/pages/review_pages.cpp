#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

constexpr int most_reviews = 50;

template <class Enum>
std::string word_text(const Visit& visit, std::string_view group, Enum term) {
    return visit.text(fmt::format("{}.{}", group, boost::describe::enum_to_string(term, "")));
}

/// The standing of who is signed in, if they may review.
awaitable<std::optional<platform::StaffStanding>> find_reviewer(const Visit& visit) {
    const auto standing = co_await visit.services().staff.standing(visit.learner()->id);
    if (!standing || !standing->permissions().contains(platform::Permission::review_accesses))
        co_return std::nullopt;
    co_return *standing;
}

boost::json::object review_view(const Visit& visit, const storage::OpenReview& review,
                                const platform::StaffStanding& reviewer) {
    const auto& access = review.access;
    std::vector<std::string> rules;
    for (const auto rule : review.rules)
        rules.push_back(word_text(visit, "review_rule", rule));
    return {{"id", access.id.text()},
            {"on", moment_text(visit, access.at)},
            {"who", access.actor},
            {"role_text", visit.text(fmt::format("staff_role.{}", key_of(access.role)))},
            {"whose", access.subject.text()},
            {"what", word_text(visit, "access_part", access.part)},
            {"why", access.reason},
            {"rules_text", web::join_list(rules, visit.language())},
            {"own", platform::is_own(access, reviewer)}};
}

awaitable<Response> render_reviews(Visit& visit, const platform::StaffStanding& reviewer,
                                   const std::optional<std::pair<std::string, std::string>>& problem = {}) {
    auto& reviews = visit.services().access_reviews;
    if (const auto considered = co_await reviews.consider_new(); !considered)
        co_return visit.problem(considered.error());
    const auto open = co_await reviews.list_open(most_reviews);
    if (!open)
        co_return visit.problem(open.error());
    boost::json::array views, errors;
    for (const auto& review : *open)
        views.push_back(review_view(visit, review, reviewer));
    if (problem)
        errors.push_back({{"field", problem->first}, {"text", problem->second}});
    co_return visit.page("staff_reviews", {{"reviews", std::move(views)}, {"errors", std::move(errors)}},
                         Section::none, problem ? 422 : 200);
}

awaitable<Response> show_reviews(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto reviewer = co_await find_reviewer(visit);
    if (!reviewer)
        co_return visit.not_found();
    co_return co_await render_reviews(visit, *reviewer);
}

awaitable<Response> sign_review(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto reviewer = co_await find_reviewer(visit);
    const auto access = storage::AccessId::parse(visit.field("access"));
    storage::Verdict verdict{};
    if (!reviewer || !access || !boost::describe::enum_from_string(visit.field("verdict").c_str(), verdict))
        co_return visit.not_found();
    const auto done = co_await visit.services().access_reviews.sign(visit.learner()->id, *access, verdict,
                                                                    visit.field("remark"));
    if (done)
        co_return visit.back_to("/staff/reviews", "review_signed");
    if (done.error().kind == ErrorKind::invalid_input)
        co_return co_await render_reviews(
            visit, *reviewer,
            std::pair("remark-" + access->text(), visit.text("problem.verdict_reason_required")));
    co_return visit.problem(done.error());
}

}  // namespace

void add_review_pages(PageRoutes& routes) {
    routes.get("/staff/reviews", show_reviews);
    routes.post("/staff/reviews", sign_review);
}

}  // namespace calyptenora::http
