#include "platform/news.hpp"

#include "gate/subject_state.hpp"
#include "platform/letters/unsubscribing.hpp"
#include "storage/stores/learners.hpp"

namespace calyptenora::platform {
namespace account_links = storage::account_links;
using boost::asio::awaitable;
using storage::LinkKind;
using Link = std::optional<storage::AccountLink>;

namespace {

constexpr auto purpose = Purpose::marketing_communications_email;

Error no_such_link() {
    return Error(ErrorKind::not_found, "this link does not work any more");
}

}  // namespace

const gate::PolicyFlow* News::find_flow(const gate::Policy& policy) const {
    return policy.find_flow(settings::core_mail_id(), purpose);
}

bool News::is_on() const {
    return find_flow(*gate_.policy()) != nullptr;
}

Status News::require_open(storage::Transaction& tx, const storage::LearnerId& learner) const {
    const auto policy = gate_.policy();
    const auto* flow = find_flow(*policy);
    if (!flow)
        return Error(ErrorKind::unsupported, "no news are sent");
    if (!gate::SubjectFacts(tx, learner, *flow).would_flow(*flow, gate_.clock().now()))
        return Error(ErrorKind::denied, "news may not be sent to this person, even with consent");
    return {};
}

awaitable<Result<NewsState>> News::state(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<NewsState> {
        const auto known = storage::learners::find(tx, learner);
        const auto link =
            account_links::find_newest(tx, cipher_, learner, LinkKind::confirm_news, gate_.clock().now());
        if (!link)
            return link.error();
        return NewsState{.confirmed = known && known->email_confirmed_at,
                         .blocked = !require_open(tx, learner),
                         .awaited_until = *link ? std::optional((*link)->expires_at) : std::nullopt};
    });
}

awaitable<Status> News::ask(storage::LearnerId learner) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto open = require_open(tx, learner); !open)
            return open;
        const auto known = storage::learners::find(tx, learner);
        if (!known || !known->email_confirmed_at)
            return Error(ErrorKind::conflict, "the address is not confirmed");
        const auto contact = storage::learners::load_contact(tx, cipher_, learner);
        if (!contact)
            return contact.error();
        return mail_.ask_to_confirm_news(tx, learner, contact->email);
    });
}

Result<Link> News::find_link(storage::Transaction& tx, const std::string& token) const {
    auto link = account_links::find(tx, cipher_, account_links::token_hash(token), LinkKind::confirm_news,
                                    gate_.clock().now());
    if (!link || !*link)
        return link;
    const auto contact = storage::learners::load_contact(tx, cipher_, (*link)->learner);
    if (!contact)
        return contact.error();
    const bool is_current =
        storage::normalise_email(contact->email) == storage::normalise_email((*link)->email.value_or(""));
    return is_current ? std::move(link) : Result<Link>(Link());
}

awaitable<Result<Link>> News::find_link(std::string token) {
    co_return co_await database_.run(
        [&](storage::Transaction& tx) -> Result<Link> { return find_link(tx, token); });
}

awaitable<std::optional<storage::Timestamp>> News::find_request(std::string token) {
    const auto link = co_await find_link(std::move(token));
    const bool works = link && *link && is_on();
    co_return works ? std::optional((*link)->created_at) : std::nullopt;
}

awaitable<Status> News::confirm(std::string token, gate::ChoiceContext context) {
    if (!is_on())
        co_return no_such_link();
    const auto link = co_await find_link(token);
    if (!link)
        co_return link.error();
    if (!*link)
        co_return no_such_link();
    const auto& learner = (*link)->learner;
    context.validity = std::chrono::duration_cast<std::chrono::seconds>(validity);
    // What was looked up may have changed by now: the link works once, and in one transaction with what it
    // does.
    context.condition = [&](storage::Transaction& tx) -> Status {
        if (auto open = require_open(tx, learner); !open)
            return open;
        const auto still = find_link(tx, token);
        if (!still)
            return still.error();
        return *still && account_links::use(tx, (*still)->id) ? Status() : no_such_link();
    };
    co_return co_await choices_.record(learner, {{settings::core_mail_id(), purpose, true}},
                                       std::move(context));
}

awaitable<Status> News::unsubscribe(std::string token, gate::ChoiceContext context) {
    const auto learner = read_unsubscribe_token(cipher_, token);
    if (!learner)
        co_return learner.error();
    const auto ended =
        co_await choices_.withdraw(*learner, settings::core_mail_id(), purpose, std::move(context));
    // Nobody is left to be written to.
    co_return !ended && ended.error().kind == ErrorKind::not_found ? Status() : ended;
}

}  // namespace calyptenora::platform
