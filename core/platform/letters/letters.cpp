#include "platform/letters/letters.hpp"

#include "gate/letter.hpp"
#include "platform/letters/unsubscribing.hpp"
#include "settings/text_check.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/policy_versions.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>

namespace calyptenora::platform {

using boost::asio::awaitable;

namespace {

constexpr int written_at_once = 100;
/// After so many failures in a row it is the server, and not the letters.
constexpr int most_failures = 3;

/// RFC 5322 wants it unique for ever, and a retry wants it to be the same.
std::string message_id(const storage::EventId& id, const std::string& origin) {
    const auto url = settings::find_url_parts(origin);
    return fmt::format("{}@{}", id.text(), url ? url->host : "localhost");
}

std::int64_t number_in(const LetterParameters& parameters, const std::string& key) {
    std::int64_t number = 0;
    if (const auto found = parameters.find(key); found != parameters.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
    return number;
}

}  // namespace

/// What became of one letter.
struct Letters::Verdict {
    enum class Kind : unsigned char { delivered, dropped, set_aside, again } kind = Kind::again;
    std::string reason = {};
    std::optional<std::chrono::seconds> wait = {};
    storage::outbox::CountAttempt count = storage::outbox::CountAttempt::yes;

    /// Through no fault of the letter.
    static Verdict untried(std::string reason, std::chrono::seconds wait) {
        return {Kind::again, std::move(reason), wait, storage::outbox::CountAttempt::no};
    }
    /// What the server or the way to it said. 5xx is final; a wrong password or certificate is the operator's
    /// to mend, and the letters wait for it.
    static Verdict of(const Error& error) {
        const bool is_final = error.kind == ErrorKind::permanent || error.kind == ErrorKind::invalid_input ||
                              error.kind == ErrorKind::unsupported;
        return {is_final ? Kind::set_aside : Kind::again, error.message, error.retry_after};
    }
};

Letters::Letters(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                 PolicyVersions& policy_versions, const web::Translations& texts,
                 std::function<LetterHead()> head, std::string node, Log log, LettersOptions options)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      policy_versions_(policy_versions),
      texts_(texts),
      head_(std::move(head)),
      node_(std::move(node)),
      log_(std::move(log)),
      options_(options) {}

void Letters::start(boost::asio::io_context& context) {
    loop_.start(
        context,
        [this]() -> awaitable<std::chrono::milliseconds> {
            co_return co_await run_once() > 0 ? std::chrono::milliseconds(0) : options_.idle;
        },
        log_);
}

awaitable<int> Letters::run_once() {
    const int written = co_await tell_change() + co_await spread_announcement();
    const auto claimed_until = gate_.clock().now() + options_.claim;
    using Events = std::vector<storage::OutboxEvent>;
    const auto claimed = co_await database_.transaction([&](storage::Transaction& tx) -> Result<Events> {
        return storage::outbox::claim(tx, cipher_, settings::core_mail_id().text(), node_, options_.batch,
                                      gate_.clock().now(), options_.claim);
    });
    if (!claimed) {
        log_("the letters cannot be read: " + claimed.error().message);
        co_return written;
    }
    int settled = 0, failures = 0;
    for (const auto& event : *claimed) {
        auto verdict = Verdict::untried("it is stopped", std::chrono::seconds(0));
        if (failures >= most_failures)
            verdict = Verdict::untried("letters before it have failed", std::chrono::minutes(1));
        else if (gate_.clock().now() + options_.longest > claimed_until)
            verdict = Verdict::untried("other letters took too long", std::chrono::seconds(0));
        else if (!loop_.is_stopping())
            verdict = co_await send(event);
        if (verdict.kind != Verdict::Kind::again)
            failures = 0;
        else if (verdict.count == storage::outbox::CountAttempt::yes)
            ++failures;
        settled += verdict.kind != Verdict::Kind::again ? 1 : 0;
        co_await settle(event, verdict);
    }
    co_return written + settled;
}

// ---- what many are told

awaitable<int> Letters::tell_change() {
    const auto announced = policy_versions_.announcement();
    if (!announced || announced->number <= announced_)
        co_return 0;
    const auto policy = gate_.policy();
    const auto* row = policy->find_flow(settings::core_mail_id(), purpose_of(LetterKind::policy_changed));
    // The provider itself may be what is announced; until its day nothing goes through it.
    if (!row || row->flow.in_force_from > gate_.clock().now())
        co_return 0;
    const auto written = co_await database_.transaction([&](storage::Transaction& tx) -> Result<int> {
        const auto learners = storage::policy_versions::list_unmailed(tx, announced->number,
                                                                      announced->made_at, written_at_once);
        for (const auto& learner : learners)
            if (storage::policy_versions::note_mailed(tx, learner, announced->number))
                if (const auto queued = queue_letter(tx, cipher_, gate_, learner, LetterKind::policy_changed,
                                                     {{"version", std::to_string(announced->number)}});
                    !queued)
                    return queued.error();
        return static_cast<int>(learners.size());
    });
    if (!written) {
        log_("the letters about a change of the privacy notice cannot be written: " +
             written.error().message);
        co_return 0;
    }
    // Who opens an account from now on came after the announcement.
    if (*written < written_at_once)
        announced_ = announced->number;
    co_return *written;
}

awaitable<int> Letters::spread_announcement() {
    namespace announcements = storage::announcements;
    const auto written = co_await database_.transaction([&](storage::Transaction& tx) -> Result<int> {
        const auto now = gate_.clock().now();
        const auto mailing = announcements::find_mailing(tx, now);
        if (!mailing)
            return 0;
        const auto learners = announcements::list_addressees(tx, *mailing, now, written_at_once);
        const bool is_all = std::ssize(learners) < written_at_once;
        const auto last = learners.empty() ? mailing->mailed_to : learners.back().text();
        if (!announcements::advance(tx, *mailing, last, is_all, now))
            return 0;
        const auto kind = mailing->is_news ? LetterKind::news : LetterKind::announcement;
        for (const auto& learner : learners)
            if (const auto queued =
                    queue_letter(tx, cipher_, gate_, learner, kind, {{"announcement", mailing->id.text()}});
                !queued)
                return queued.error();
        return static_cast<int>(learners.size());
    });
    if (!written)
        log_("the letters about an announcement cannot be written: " + written.error().message);
    co_return written ? *written : 0;
}

// ---- one letter

Result<LetterText> Letters::compose(storage::Transaction& tx, const storage::LearnerId& learner,
                                    LetterKind kind, const LetterParameters& parameters,
                                    const web::Words& words, const LetterHead& head) const {
    switch (kind) {
        case LetterKind::policy_changed: {
            const auto versions = storage::policy_versions::list(tx);
            const auto version = std::ranges::find(versions, number_in(parameters, "version"),
                                                   &storage::PolicyVersion::number);
            if (version == versions.end() || is_withdrawn(*version, versions))
                return Error(ErrorKind::not_found, "this change is not announced any more");
            return write_policy_change(
                {version->number, version->effective_at, version->effective_at > gate_.clock().now()}, words,
                head);
        }
        case LetterKind::request_news:
        case LetterKind::case_answered:
            return write_discreet_news(kind, words, head);
        case LetterKind::announcement:
        case LetterKind::news: {
            const auto id = parameters.find("announcement");
            const auto announcement =
                id == parameters.end()
                    ? std::nullopt
                    : storage::announcements::find(tx, storage::AnnouncementId::from_database(id->second));
            if (!announcement || announcement->shown_until <= gate_.clock().now())
                return Error(ErrorKind::not_found, "it is not announced any more");
            return kind == LetterKind::announcement
                       ? write_announcement(*announcement, words, head)
                       : write_news(*announcement, make_unsubscribe_token(cipher_, learner), words, head);
        }
        default:
            break;
    }
    const auto token = parameters.find("token");
    if (token == parameters.end())
        return Error(ErrorKind::invalid_input, "it has no link");
    return write_account_letter(kind, token->second, words, head);
}

// Only now is the address looked up: it may have been corrected since.
Result<std::string> Letters::write(storage::Transaction& tx, const storage::OutboxEvent& event,
                                   LetterKind kind) const {
    const auto learner = storage::learners::find(tx, event.subject);
    const auto contact = storage::learners::load_contact(tx, cipher_, event.subject);
    if (!learner)
        return Error(ErrorKind::not_found, "there is no such account");
    if (!contact)
        return contact.error();
    const auto parameters = event.payload ? parse_json<LetterParameters>(*event.payload)
                                          : Error(ErrorKind::temporary, "its seal cannot be opened now");
    if (!parameters)
        return parameters.error();
    if (!learner->email_confirmed_at && !goes_unconfirmed(kind))
        return Error(ErrorKind::not_found, "the address is not confirmed");
    const auto to = parameters->find("to");
    const auto head = head_();
    const auto language = web::find_language(learner->language).value_or(head.default_language);
    auto letter = compose(tx, event.subject, kind, *parameters, web::Words(texts_, language), head);
    if (!letter)
        return letter.error();
    gate::SendLetter::Record<gate::Guarded> record;
    record.message_id = message_id(event.id, head.origin);
    record.to = to == parameters->end() ? contact->email : to->second;
    record.language = std::string(web::tag_of(language));
    record.subject = std::move(letter->subject);
    record.text = std::move(letter->text);
    record.unsubscribe = std::move(letter->unsubscribe);
    auto document = gate_.write_queued<gate::SendLetter>(tx, settings::core_mail_id(), event.purpose,
                                                         event.subject, record);
    if (!document)
        return Error(ErrorKind::denied, "denied when it was to be sent");
    return std::move(*document);
}

awaitable<Letters::Verdict> Letters::send(const storage::OutboxEvent& event) {
    using Kind = Verdict::Kind;
    const auto& mail = settings::core_mail_id();
    const auto kind = find_letter_kind(event.operation);
    if (!kind)
        co_return Verdict{Kind::dropped, "there is no letter of this kind"};
    if (!gate_.policy()->find_flow(mail, event.purpose))
        co_return Verdict{Kind::dropped, "the core sends no mail any more"};
    auto document = co_await database_.run(
        [&](storage::Transaction& tx) -> Result<std::string> { return write(tx, event, *kind); });
    if (!document) {
        const auto& error = document.error();
        const bool is_moot = error.kind == ErrorKind::not_found || error.kind == ErrorKind::denied;
        co_return is_moot ? Verdict{Kind::dropped, error.message} : Verdict::of(error);
    }
    std::vector<gate::QueuedItem> items;
    items.push_back({event.subject, std::move(*document), event.created_at});
    const auto outcome = co_await gate_.send_queued<gate::SendLetter>(mail, event.purpose, std::move(items),
                                                                      {.deadline = options_.longest});
    if (!outcome.refused.empty())
        co_return Verdict{Kind::dropped, "denied when it was to be sent"};
    if (!outcome.undecided.empty())
        co_return Verdict{Kind::again, "whether it may be sent could not be read"};
    if (*outcome.reply)
        co_return Verdict{Kind::delivered};
    const auto& error = outcome.reply->error();
    // The gate at the last moment, or the host for a reason of its own, which the operator has to mend.
    if (error.kind == ErrorKind::denied) {
        using Record = gate::SendLetter::Record<gate::Guarded>;
        const auto now =
            co_await gate_.explain(mail, event.purpose, event.subject, gate::fields_of<Record>());
        if (now && now->decision.refused)
            co_return Verdict{Kind::dropped, "denied when it was to be sent"};
    }
    co_return Verdict::of(error);
}

awaitable<void> Letters::settle(const storage::OutboxEvent& event, const Verdict& verdict) {
    using Kind = Verdict::Kind;
    const bool gives_up = verdict.kind == Kind::set_aside ||
                          (verdict.kind == Kind::again && event.attempts >= options_.give_up_after);
    const auto settled = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        namespace outbox = storage::outbox;
        const auto now = gate_.clock().now();
        if (verdict.kind == Kind::delivered)
            outbox::deliver(tx, event.id, node_, now);
        else if (verdict.kind == Kind::dropped)
            outbox::drop(tx, event.id, node_, verdict.reason, now);
        else if (gives_up)
            outbox::set_aside(tx, event.id, node_, verdict.reason, now);
        else
            outbox::requeue(tx, event.id, node_, verdict.reason,
                            now + verdict.wait.value_or(outbox::backoff(event.attempts)), verdict.count);
        return {};
    });
    if (!settled)
        log_("what became of a letter cannot be written down; it will be sent again: " +
             settled.error().message);
    if (gives_up)
        log_(fmt::format("{} {} is given up: {}; see 'calyptenora mail list'", event.operation,
                         event.id.text(), verdict.reason));
    else if (verdict.kind != Kind::delivered && verdict.count == storage::outbox::CountAttempt::yes)
        log_(fmt::format("{} {}: {}", event.operation, event.id.text(), verdict.reason));
}

// ---- for the operator

awaitable<Result<std::vector<storage::OutboxNote>>> Letters::list_undelivered(int limit) {
    using Notes = Result<std::vector<storage::OutboxNote>>;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Notes {
        return storage::outbox::list_undelivered(tx, settings::core_mail_id().text(), limit);
    });
}

awaitable<Status> Letters::retry(storage::EventId id) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!storage::outbox::retry(tx, id, settings::core_mail_id().text(), gate_.clock().now()))
            return Error(ErrorKind::not_found, "no letter with this id waits or was given up");
        return {};
    });
}

}  // namespace calyptenora::platform
