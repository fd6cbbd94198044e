#include "platform/news.hpp"

#include "platform/letters/unsubscribing.hpp"
#include "storage/stores/learners.hpp"

namespace calyptenora::platform {
namespace account_links = storage::account_links;
using boost::asio::awaitable;
using storage::LinkKind;

bool News::is_on() const {
    return gate_.policy()->find_flow(settings::core_mail_id(), purpose_of(LetterKind::news)) != nullptr;
}

awaitable<Result<std::optional<storage::Timestamp>>> News::awaited_until(storage::LearnerId learner) {
    using Until = std::optional<storage::Timestamp>;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Until> {
        const auto link =
            account_links::find_newest(tx, cipher_, learner, LinkKind::confirm_news, gate_.clock().now());
        if (!link)
            return link.error();
        return *link ? Until((*link)->expires_at) : Until();
    });
}

awaitable<Status> News::ask(storage::LearnerId learner) {
    if (!is_on())
        co_return Error(ErrorKind::unsupported, "no news are sent");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto known = storage::learners::find(tx, learner);
        if (!known || !known->email_confirmed_at)
            return Error(ErrorKind::conflict, "the address is not confirmed");
        const auto contact = storage::learners::load_contact(tx, cipher_, learner);
        if (!contact)
            return contact.error();
        return mail_.ask_to_confirm_news(tx, learner, contact->email);
    });
}

// One that went to an address which is not the account's any more confirms nothing.
Result<std::optional<storage::AccountLink>> News::find_link(storage::Transaction& tx,
                                                            const std::string& token) const {
    auto link = account_links::find(tx, cipher_, account_links::token_hash(token), LinkKind::confirm_news,
                                    gate_.clock().now());
    if (!link || !*link)
        return link;
    const auto contact = storage::learners::load_contact(tx, cipher_, (*link)->learner);
    if (!contact)
        return contact.error();
    if (storage::normalise_email(contact->email) != storage::normalise_email((*link)->email.value_or("")))
        return std::optional<storage::AccountLink>();
    return link;
}

awaitable<bool> News::works(std::string token) {
    const auto found = co_await database_.run([&](storage::Transaction& tx) -> Result<bool> {
        const auto link = find_link(tx, token);
        return link && link->has_value();
    });
    co_return found && *found&& is_on();
}

awaitable<Status> News::choose(storage::LearnerId learner, bool allowed, gate::ChoiceContext context) {
    if (!is_on())
        co_return Error(ErrorKind::unsupported, "no news are sent");
    co_return co_await choices_.record(
        learner, {{settings::core_mail_id(), purpose_of(LetterKind::news), allowed}}, std::move(context));
}

awaitable<Status> News::confirm(std::string token, gate::ChoiceContext context) {
    using Link = std::optional<storage::AccountLink>;
    const auto link = co_await database_.run(
        [&](storage::Transaction& tx) -> Result<Link> { return find_link(tx, token); });
    if (!link)
        co_return link.error();
    if (!*link)
        co_return Error(ErrorKind::not_found, "this link does not work any more");
    context.validity = validity;
    if (auto chosen = co_await choose((*link)->learner, true, std::move(context)); !chosen)
        co_return chosen;
    // Not before: a link that was used in vain would be lost.
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        account_links::use(tx, (*link)->id);
        return {};
    });
}

awaitable<Status> News::unsubscribe(std::string token, gate::ChoiceContext context) {
    const auto learner = read_unsubscribe_token(cipher_, token);
    if (!learner)
        co_return learner.error();
    const auto chosen = co_await choose(*learner, false, std::move(context));
    // Nobody is left to be written to.
    co_return !chosen && chosen.error().kind == ErrorKind::not_found ? Status() : chosen;
}

}  // namespace calyptenora::platform
