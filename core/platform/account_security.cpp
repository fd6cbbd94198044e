#include "platform/account_security.hpp"

#include "platform/accounts.hpp"
#include "platform/browser.hpp"
#include "storage/stores/learners.hpp"
#include "storage/text.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace calyptenora::platform {
namespace account_links = storage::account_links;
namespace account_events = storage::account_events;
using boost::asio::awaitable;
using storage::AccountEventKind;
using storage::LinkKind;

namespace {

constexpr int shown_events = 30;
/// Longer than looking up an address and queueing a letter take, so that the answer's time says nothing.
constexpr std::chrono::milliseconds forgotten_answer{500};

AccountOutcome outcome_of(const Status& status) {
    if (status)
        return {};
    switch (status.error().kind) {
        case ErrorKind::not_found:
            return AccountOutcome::failed(AccountProblem::link_expired);
        case ErrorKind::conflict:
            return AccountOutcome::failed(AccountProblem::email_taken);
        default:
            return AccountOutcome::failed(AccountProblem::unavailable);
    }
}

Error no_such_link() {
    return Error(ErrorKind::not_found, "this link does not work, or no more");
}

}  // namespace

void AccountSecurity::note(storage::Transaction& tx, const storage::LearnerId& learner, AccountEventKind kind,
                           const RequestFacts& facts) const {
    account_events::append(tx, learner, {kind, gate_.clock().now(), describe_browser(facts.user_agent)});
}

awaitable<Result<AccountState>> AccountSecurity::state(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<AccountState> {
        const auto now = gate_.clock().now();
        const auto awaited = account_links::find_newest(tx, cipher_, learner, LinkKind::confirm_email, now);
        if (!awaited)
            return awaited.error();
        AccountState state{.email_confirmed_at = {},
                           .awaited_email = {},
                           .sessions = storage::sessions::list(tx, learner, now),
                           .events = account_events::list(tx, learner, shown_events)};
        if (const auto found = storage::learners::find(tx, learner))
            state.email_confirmed_at = found->email_confirmed_at;
        if (*awaited) {
            state.awaited_email = std::move((*awaited)->email);
            state.awaited_until = (*awaited)->expires_at;
        }
        return state;
    });
}

// ---- the address

awaitable<Status> AccountSecurity::confirm_again(storage::LearnerId learner) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto awaited =
            account_links::find_newest(tx, cipher_, learner, LinkKind::confirm_email, gate_.clock().now());
        if (!awaited)
            return awaited.error();
        if (*awaited && (*awaited)->email)
            return mail_.ask_to_confirm(tx, learner, *(*awaited)->email);
        const auto known = storage::learners::find(tx, learner);
        if (!known || known->email_confirmed_at)
            return Error(ErrorKind::conflict, "no address waits to be confirmed");
        const auto contact = storage::learners::load_contact(tx, cipher_, learner);
        if (!contact)
            return contact.error();
        return mail_.ask_to_confirm(tx, learner, contact->email);
    });
}

awaitable<bool> AccountSecurity::works(std::string token, LinkKind kind) {
    const auto found = co_await database_.run([&](storage::Transaction& tx) -> Result<bool> {
        const auto link =
            account_links::find(tx, cipher_, account_links::token_hash(token), kind, gate_.clock().now());
        return link && link->has_value();
    });
    co_return found && *found;
}

Status AccountSecurity::set_email(storage::Transaction& tx, const storage::LearnerId& learner,
                                  const std::string& email, const RequestFacts& facts) const {
    const auto contact = storage::learners::load_contact(tx, cipher_, learner);
    if (!contact)
        return contact.error();
    if (storage::normalise_email(contact->email) == storage::normalise_email(email))
        return {};
    if (auto updated =
            storage::learners::update_contact(tx, cipher_, learner, {contact->display_name, email});
        !updated)
        return updated;
    note(tx, learner, AccountEventKind::email_changed, facts);
    return mail_.tell_email_changed(tx, learner, contact->email);
}

awaitable<AccountOutcome> AccountSecurity::confirm(std::string token, RequestFacts facts) {
    co_return outcome_of(co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto now = gate_.clock().now();
        const auto link =
            account_links::find(tx, cipher_, account_links::token_hash(token), LinkKind::confirm_email, now);
        if (!link)
            return link.error();
        if (!*link || !(*link)->email || !account_links::use(tx, (*link)->id))
            return no_such_link();
        const auto& learner = (*link)->learner;
        if (auto changed = set_email(tx, learner, *(*link)->email, facts); !changed)
            return changed;
        storage::learners::confirm_email(tx, learner, now);
        note(tx, learner, AccountEventKind::email_confirmed, facts);
        return {};
    }));
}

awaitable<AccountOutcome> AccountSecurity::change_email(storage::LearnerId learner, std::string password,
                                                        std::string email, RequestFacts facts) {
    if (!is_email_address(email) || !storage::validate_text(email))
        co_return AccountOutcome::failed(AccountProblem::email_invalid);
    auto checked = co_await plugin_.check(learner, std::move(password), facts);
    if (checked.problem)
        co_return checked;
    co_return outcome_of(co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto owner = storage::learners::find_by_email(tx, cipher_, email);
        if (owner && owner->id != learner)
            return Error(ErrorKind::conflict, "this e-mail address has an account");
        if (!mail_.is_on())
            return set_email(tx, learner, email, facts);
        note(tx, learner, AccountEventKind::email_change_asked, facts);
        return mail_.ask_to_confirm(tx, learner, email);
    }));
}

// ---- the password

awaitable<AccountOutcome> AccountSecurity::change_password(storage::Session session, std::string current,
                                                           std::string chosen, RequestFacts facts) {
    auto outcome = co_await plugin_.change(session.subject, std::move(current), std::move(chosen), facts);
    if (outcome.problem)
        co_return outcome;
    auto token = storage::sessions::make_token();
    const auto done = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::sessions::revoke_all(tx, session.subject, session.id);
        storage::sessions::rotate(tx, session.id, token, session.subject, session.privilege,
                                  gate_.clock().now());
        account_links::withdraw(tx, session.subject, LinkKind::reset_password);
        note(tx, session.subject, AccountEventKind::password_changed, facts);
        return mail_.tell_password_changed(tx, session.subject);
    });
    if (!done)
        co_return AccountOutcome::failed(AccountProblem::unavailable);
    outcome.token = std::move(token);
    co_return outcome;
}

awaitable<void> AccountSecurity::forgot_password(std::string email, RequestFacts facts) {
    boost::asio::steady_timer answer(co_await boost::asio::this_coro::executor, forgotten_answer);
    (void)co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto learner = storage::learners::find_by_email(tx, cipher_, email);
        if (!learner)
            return {};
        note(tx, learner->id, AccountEventKind::password_reset_asked, facts);
        return mail_.send_reset(tx, learner->id);
    });
    co_await answer.async_wait(boost::asio::use_awaitable);
}

awaitable<AccountOutcome> AccountSecurity::reset_password(std::string token, std::string chosen,
                                                          RequestFacts facts) {
    const auto hash = account_links::token_hash(token);
    using Link = std::optional<storage::AccountLink>;
    const auto link = co_await database_.run([&](storage::Transaction& tx) -> Result<Link> {
        return account_links::find(tx, cipher_, hash, LinkKind::reset_password, gate_.clock().now());
    });
    if (!link)
        co_return AccountOutcome::failed(AccountProblem::unavailable);
    if (!*link)
        co_return AccountOutcome::failed(AccountProblem::link_expired);
    const auto& learner = (*link)->learner;
    auto outcome = co_await plugin_.recover(learner, std::move(chosen), facts);
    if (outcome.problem)
        co_return outcome;
    co_return outcome_of(co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        account_links::withdraw(tx, learner, LinkKind::reset_password);
        storage::sessions::revoke_all(tx, learner);
        // The link came to this address.
        storage::learners::confirm_email(tx, learner, gate_.clock().now());
        note(tx, learner, AccountEventKind::password_reset, facts);
        return mail_.tell_password_changed(tx, learner);
    }));
}

// ---- the sessions

awaitable<Status> AccountSecurity::end_session(storage::LearnerId learner, storage::SessionId session,
                                               RequestFacts facts) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!storage::sessions::revoke(tx, learner, session))
            return Error(ErrorKind::not_found, "there is no such session");
        note(tx, learner, AccountEventKind::session_ended, facts);
        return {};
    });
}

awaitable<Status> AccountSecurity::end_other_sessions(storage::Session kept, RequestFacts facts) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::sessions::revoke_all(tx, kept.subject, kept.id);
        note(tx, kept.subject, AccountEventKind::all_sessions_ended, facts);
        return {};
    });
}

// ---- "that was not me"

void AccountSecurity::lock_out(storage::Transaction& tx, const storage::LearnerId& learner,
                               const RequestFacts& facts) const {
    storage::sessions::revoke_all(tx, learner);
    // Also those that whoever was in has asked for.
    account_links::withdraw(tx, learner, LinkKind::reset_password);
    account_links::withdraw(tx, learner, LinkKind::confirm_email);
    note(tx, learner, AccountEventKind::disowned, facts);
}

awaitable<Result<std::string>> AccountSecurity::disown(std::string token, RequestFacts facts) {
    using Link = std::optional<storage::AccountLink>;
    const auto link = co_await database_.transaction([&](storage::Transaction& tx) -> Result<Link> {
        auto found = account_links::find(tx, cipher_, account_links::token_hash(token), LinkKind::not_me,
                                         gate_.clock().now());
        if (found && *found)
            lock_out(tx, (*found)->learner, facts);
        return found;
    });
    if (!link)
        co_return link.error();
    if (!*link)
        co_return no_such_link();
    const auto& learner = (*link)->learner;
    // The link goes on working until the password is gone, too.
    if (const auto revoked = co_await plugin_.revoke(learner); !revoked)
        co_return revoked.error();
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<std::string> {
        if (!account_links::use(tx, (*link)->id))
            return no_such_link();
        const auto now = gate_.clock().now();
        if ((*link)->email) {
            const auto contact = storage::learners::load_contact(tx, cipher_, learner);
            if (!contact)
                return contact.error();
            if (const auto back = storage::learners::update_contact(tx, cipher_, learner,
                                                                    {contact->display_name, *(*link)->email});
                !back)
                return back.error();
            storage::learners::confirm_email(tx, learner, now);
        }
        return make_link(tx, cipher_, now, learner, LinkKind::reset_password);
    });
}

awaitable<Status> AccountSecurity::disown_signed_in(storage::LearnerId learner, RequestFacts facts) {
    const auto possible = co_await database_.run([&](storage::Transaction& tx) -> Result<bool> {
        const auto known = storage::learners::find(tx, learner);
        return mail_.is_on() && known && known->email_confirmed_at;
    });
    if (!possible)
        co_return possible.error();
    if (!*possible)
        co_return Error(ErrorKind::unsupported, "no link can be sent to choose a new password by");
    if (const auto revoked = co_await plugin_.revoke(learner); !revoked)
        co_return revoked.error();
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        lock_out(tx, learner, facts);
        return mail_.send_reset(tx, learner);
    });
}

}  // namespace calyptenora::platform
