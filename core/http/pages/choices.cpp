#include "http/pages/choices.hpp"

#include "http/cookies.hpp"
#include "http/pages/words.hpp"

namespace calyptenora::http {

bool is_for_once(const gate::Standing& standing) {
    return standing.changed_at && standing.expires_at &&
           *standing.expires_at - *standing.changed_at < std::chrono::hours(24);
}

boost::asio::awaitable<Result<std::optional<std::string>>> record_choices(
    const Visit& visit, std::vector<gate::Choice> choices, const std::vector<const gate::PolicyFlow*>& shown,
    std::string action, std::optional<std::chrono::seconds> validity) {
    std::optional<std::string> token;
    auto subject = visit.subject();
    if (!subject) {
        auto guest = co_await visit.services().accounts.open_guest(visit.facts());
        if (!guest)
            co_return guest.error();
        token = std::move(guest->first);
        subject = guest->second;
    }
    const auto recorded = co_await visit.services().choices.record(
        *subject, std::move(choices),
        {.origin = visit.learner() ? storage::ConsentOrigin::account : storage::ConsentOrigin::guest,
         .language = std::string(visit.language_tag()),
         .action = std::move(action),
         .shown_text = shown_text(visit, shown),
         .notice_version = visit.policy()->hash().substr(0, 12),
         .validity = validity});
    if (!recorded)
        co_return recorded.error();
    co_return token;
}

void add_session(Response& response, const std::optional<std::string>& token) {
    if (token)
        response.cookies.push_back(make_own_cookie(platform::session_cookie, *token));
}

}  // namespace calyptenora::http
