#include "platform/accounts.hpp"

#include "gate/subject_state.hpp"
#include "platform/browser.hpp"
#include "platform/privacy_control.hpp"
#include "storage/stores/account_events.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/stores/terms.hpp"
#include "storage/text.hpp"

#include <algorithm>

namespace calyptenora::platform {
namespace {

constexpr std::size_t longest_name = 200;

std::string trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos)
        return {};
    return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

}  // namespace

bool is_email_address(std::string_view text) {
    if (text.size() > 254)
        return false;
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at > 64 ||
        text.find('@', at + 1) != std::string_view::npos)
        return false;
    const auto domain = text.substr(at + 1);
    if (domain.find('.') == std::string_view::npos || domain.front() == '.' || domain.back() == '.')
        return false;
    return std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == 0x7f ||
               std::string_view("<>()[],;:\\\"").find(c) != std::string_view::npos;
    });
}

Accounts::Accounts(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                   gate::Choices& choices, SessionLimits limits)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      choices_(choices),
      limits_(limits),
      plugin_(gate),
      mail_(cipher, gate) {}

boost::asio::awaitable<Accounts::Created> Accounts::create(SignUp person, std::string language) {
    person.display_name = trimmed(person.display_name);
    person.email = trimmed(person.email);
    if (person.display_name.empty() || person.display_name.size() > longest_name ||
        !storage::validate_text(person.display_name))
        co_return Created{std::nullopt, AccountOutcome::failed(AccountProblem::name_missing)};
    if (!is_email_address(person.email) || !storage::validate_text(person.email))
        co_return Created{std::nullopt, AccountOutcome::failed(AccountProblem::email_invalid)};
    const auto instance = plugin_.instance();
    if (!instance)
        co_return Created{std::nullopt, AccountOutcome::failed(AccountProblem::unavailable)};

    const auto now = gate_.clock().now();
    const storage::Learner learner{
        .id = storage::LearnerId::make(),
        .created_at = now,
        .language = language,
        .email_confirmed_at = person.email_is_confirmed ? std::optional(now) : std::nullopt,
        .guardian_needed_until = person.guardian_needed_until,
        .auth_instance = *instance};
    const auto inserted = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto made = cipher_.keys().create(learner.id); !made)
            return made;
        if (auto made = storage::learners::insert(tx, cipher_, learner, {person.display_name, person.email});
            !made)
            return made;
        if (person.terms)
            storage::terms::accept(tx, learner.id, {*person.terms, language, now});
        return {};
    });
    if (!inserted)
        co_return Created{std::nullopt, AccountOutcome::failed(inserted.error().kind == ErrorKind::conflict
                                                                   ? AccountProblem::email_taken
                                                                   : AccountProblem::unavailable)};

    // The plugin keeps the password under the learner's pseudonym, so the learner must exist first. Without a
    // password there is no account: it is taken back.
    auto enrolled = co_await plugin_.enrol(learner.id, std::move(person.password), {.language = language});
    if (!enrolled.problem) {
        // The account stands without the letter, too: it can be asked for again.
        if (!person.email_is_confirmed)
            (void)co_await database_.transaction([&](storage::Transaction& tx) -> Status {
                return mail_.ask_to_confirm(tx, learner.id, person.email);
            });
        co_return Created{learner.id, {}};
    }
    const auto erased = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::erasure::erase_records(tx, learner.id, gate_.clock().now());
        storage::erasure::erase_identifiers(tx, learner.id);
        return {};
    });
    if (erased)
        (void)cipher_.keys().destroy(learner.id);
    co_return Created{std::nullopt, std::move(enrolled)};
}

boost::asio::awaitable<AccountOutcome> Accounts::sign_up(SignUp person, RequestFacts facts,
                                                         std::optional<storage::SubjectId> guest) {
    auto created = co_await create(std::move(person), facts.language);
    if (!created.learner)
        co_return created.outcome;
    auto token = co_await open_session(*created.learner, facts, guest, Entry::opened);
    if (!token)
        co_return AccountOutcome::failed(AccountProblem::unavailable);
    co_return AccountOutcome{std::move(*token), std::nullopt, std::nullopt};
}

boost::asio::awaitable<AccountOutcome> Accounts::sign_in(std::string email, std::string password,
                                                         RequestFacts facts,
                                                         std::optional<storage::SubjectId> guest) {
    const auto found =
        co_await database_.run([&](storage::Transaction& tx) -> Result<std::optional<storage::SubjectId>> {
            const auto learner = storage::learners::find_by_email(tx, cipher_, trimmed(email));
            return learner ? std::optional(learner->id) : std::nullopt;
        });
    if (!found)
        co_return AccountOutcome::failed(AccountProblem::unavailable);
    auto checked = co_await plugin_.check(*found, std::move(password), facts);
    if (!*found && !checked.problem)
        co_return AccountOutcome::failed(AccountProblem::wrong_credentials);
    if (checked.problem)
        co_return checked;
    auto token = co_await open_session(**found, facts, guest, Entry::signed_in);
    if (!token)
        co_return AccountOutcome::failed(AccountProblem::unavailable);
    co_return AccountOutcome{std::move(*token), std::nullopt, std::nullopt};
}

boost::asio::awaitable<AccountOutcome> Accounts::check_password(storage::SubjectId subject,
                                                                std::string password, RequestFacts facts) {
    co_return co_await plugin_.check(std::move(subject), std::move(password), facts);
}

boost::asio::awaitable<Result<std::string>> Accounts::open_session(storage::SubjectId subject,
                                                                   const RequestFacts& facts,
                                                                   std::optional<storage::SubjectId> guest,
                                                                   Entry entry) {
    if (guest) {
        const auto carried = co_await choices_.carry_over(*guest, subject,
                                                          {.origin = storage::ConsentOrigin::guest,
                                                           .language = facts.language,
                                                           .action = "carried_over_from_guest"});
        if (!carried)
            co_return carried.error();
    }
    const auto token = storage::sessions::make_token();
    const auto browser = describe_browser(facts.user_agent);
    const bool is_guest = entry == Entry::guest;
    const auto opened = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto now = gate_.clock().now();
        const auto learner = storage::learners::find(tx, subject);
        // Of age by now: the month is not kept longer than it is needed.
        if (learner && learner->guardian_needed_until && !gate::needs_guardian(*learner, now))
            storage::learners::set_guardian_needed_until(tx, subject, std::nullopt);
        if (guest) {
            storage::sessions::revoke_all(tx, *guest);
            storage::subjects::merge_guest(tx, *guest, subject);
        }
        storage::sessions::insert(
            tx, token,
            {.id = storage::SessionId::make(),
             .subject = subject,
             .privilege = is_guest ? storage::Privilege::guest : storage::Privilege::signed_in,
             .created_at = now,
             .last_seen_at = now,
             .idle_expires_at = now + limits_.idle,
             .absolute_expires_at = now + limits_.absolute,
             .authenticated_at = is_guest ? std::nullopt : std::optional(now),
             .user_agent = browser});
        if (!is_guest)
            if (auto noted = note_entry(tx, subject, browser, entry); !noted)
                return noted;
        return facts.privacy_control ? platform::note_privacy_control(tx, cipher_, subject, now) : Status();
    });
    if (!opened)
        co_return opened.error();
    co_return token;
}

Status Accounts::note_entry(storage::Transaction& tx, const storage::LearnerId& learner,
                            const std::string& browser, Entry entry) const {
    namespace account_events = storage::account_events;
    using enum storage::AccountEventKind;
    const auto known = account_events::list_browsers(tx, learner);
    account_events::append(tx, learner,
                           {entry == Entry::opened ? opened : signed_in, gate_.clock().now(), browser});
    const bool is_new = !known.empty() && std::ranges::none_of(known, [&](const auto& other) {
        return may_be_same_browser(browser, other);
    });
    return is_new ? mail_.tell_new_sign_in(tx, learner) : Status();
}

boost::asio::awaitable<Result<std::optional<storage::Timestamp>>> Accounts::privacy_control_seen(
    storage::SubjectId subject) {
    co_return co_await database_.run(
        [&](storage::Transaction& tx) -> Result<std::optional<storage::Timestamp>> {
            const auto known = storage::subjects::find(tx, subject);
            return known ? known->gpc_seen_at : std::nullopt;
        });
}

boost::asio::awaitable<Status> Accounts::sign_out(storage::SubjectId subject, storage::SessionId session) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::sessions::revoke(tx, subject, session);
        return {};
    });
}

boost::asio::awaitable<Result<std::pair<std::string, storage::SubjectId>>> Accounts::open_guest(
    RequestFacts facts) {
    const auto subject = storage::SubjectId::make();
    const auto made = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto key = cipher_.keys().create(subject); !key)
            return key;
        storage::subjects::insert(tx, subject, storage::SubjectKind::guest, gate_.clock().now());
        return {};
    });
    if (!made)
        co_return made.error();
    auto token = co_await open_session(subject, facts, std::nullopt, Entry::guest);
    if (!token)
        co_return token.error();
    co_return std::pair(std::move(*token), subject);
}

boost::asio::awaitable<Result<storage::LearnerId>> Accounts::add(SignUp person, std::string language) {
    auto created = co_await create(std::move(person), std::move(language));
    if (created.learner)
        co_return *created.learner;
    switch (created.outcome.problem.value_or(AccountProblem::unavailable)) {
        case AccountProblem::name_missing:
            co_return Error(ErrorKind::invalid_input, "the name is missing or longer than 200 bytes");
        case AccountProblem::email_invalid:
            co_return Error(ErrorKind::invalid_input, "this is no e-mail address");
        case AccountProblem::email_taken:
            co_return Error(ErrorKind::conflict, "this address already has an account");
        case AccountProblem::weak_password:
            co_return Error(ErrorKind::invalid_input, "the password is too short or too well known");
        default:
            co_return Error(ErrorKind::temporary,
                            "the sign-in plugin did not take the password; see the log");
    }
}

boost::asio::awaitable<Status> Accounts::set_language(storage::SubjectId subject, std::string language) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::learners::set_language(tx, subject, language);
        return {};
    });
}

}  // namespace calyptenora::platform
