#include "platform/cases.hpp"

#include "platform/letters/letter.hpp"
#include "storage/stores/inbound_events.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/notifications.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/text.hpp"

#include <set>

namespace calyptenora::platform {
namespace {

constexpr Purpose purpose = Purpose::essential_service_operations_support;

/// The same words within this time are a second click, or a form sent again since no answer came.
constexpr std::chrono::hours time_of_repetition{1};

bool repeats(const storage::CaseMessage& known, const storage::CaseMessage& next) {
    return known.author == next.author && known.body == next.body && next.at - known.at < time_of_repetition;
}

/// The case that was opened with the same words a moment ago, if there is one.
std::optional<storage::CaseId> find_repeated(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                             const storage::Case& opened, const storage::CaseMessage& first) {
    for (const auto& known : storage::cases::list(tx, cipher, opened.learner)) {
        if (known.state == storage::CaseState::closed || known.subject_line != opened.subject_line)
            continue;
        const auto messages = storage::cases::list_messages(tx, cipher, known.id);
        if (messages && !messages->empty() && repeats(messages->front(), first))
            return known.id;
    }
    return std::nullopt;
}

/// What is passed on of a case; the gate takes from it what the help desk may have.
support::CaseRecord<gate::Guarded> make_record(const storage::Case& opened,
                                               const storage::CaseMessage& message,
                                               const storage::Contact& contact, const std::string& language) {
    support::CaseRecord<gate::Guarded> record;
    record.case_ref = opened.alias;
    record.message_id = message.id.text();
    record.locale = language;
    record.name = contact.display_name;
    record.email = contact.email;
    record.subject = opened.subject_line;
    record.message = message.body;
    return record;
}

}  // namespace

Cases::Cases(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate)
    : database_(database), cipher_(cipher), gate_(gate) {}

std::optional<settings::InstanceId> Cases::help_desk() const {
    const auto policy = gate_.policy();
    const auto instances = policy->of_family(Family::support);
    return instances.empty() ? std::nullopt : std::optional(instances.front()->id);
}

template <class Op>
Status Cases::queue(storage::Transaction& tx, const storage::Case& opened,
                    const storage::CaseMessage& message, const std::string& language) const {
    const auto desk = settings::parse_instance_id(opened.instance);
    if (!desk)
        return {};
    auto contact = storage::learners::load_contact(tx, cipher_, opened.learner);
    if (!contact)
        return contact.error();
    auto document = gate_.write_queued<Op>(tx, *desk, purpose, opened.learner,
                                           make_record(opened, message, *contact, language));
    if (!document)
        return {};
    return storage::outbox::append(tx, cipher_,
                                   {.id = storage::EventId::make(),
                                    .instance = desk->text(),
                                    .operation = std::string(Op::name),
                                    .purpose = purpose,
                                    .subject = opened.learner,
                                    .payload = std::move(*document)},
                                   gate_.clock().now());
}

boost::asio::awaitable<Result<storage::CaseId>> Cases::open(storage::LearnerId learner, std::string subject,
                                                            std::string message, std::string language) {
    if (auto valid = storage::validate_text(subject); !valid)
        co_return valid.error();
    if (auto valid = storage::validate_text(message); !valid)
        co_return valid.error();
    const auto desk = help_desk();
    const auto now = gate_.clock().now();
    const storage::Case opened{.id = storage::CaseId::make(),
                               .learner = learner,
                               .instance = desk ? desk->text() : std::string(),
                               .subject_line = std::move(subject),
                               .alias = storage::cases::make_alias(),
                               .created_at = now,
                               .updated_at = now};
    const storage::CaseMessage first{.id = storage::MessageId::make(),
                                     .case_id = opened.id,
                                     .author = storage::Author::learner,
                                     .body = std::move(message),
                                     .external_id = {},
                                     .at = now};
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<storage::CaseId> {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked.error();
        if (auto repeated = find_repeated(tx, cipher_, opened, first))
            return std::move(*repeated);
        if (auto inserted = storage::cases::insert(tx, cipher_, opened); !inserted)
            return inserted.error();
        if (auto added = storage::cases::add_message(tx, cipher_, first); !added)
            return added.error();
        if (auto queued = queue<support::Open>(tx, opened, first, language); !queued)
            return queued.error();
        return opened.id;
    });
}

boost::asio::awaitable<Status> Cases::append(storage::LearnerId learner, storage::CaseId id,
                                             std::string message, std::string language) {
    if (auto valid = storage::validate_text(message); !valid)
        co_return valid.error();
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked;
        const auto opened = storage::cases::find(tx, cipher_, id);
        if (!opened || opened->learner != learner)
            return Error(ErrorKind::not_found, "there is no such case");
        if (opened->state == storage::CaseState::closed)
            return Error(ErrorKind::conflict, "this case is closed");
        const storage::CaseMessage next{.id = storage::MessageId::make(),
                                        .case_id = id,
                                        .author = storage::Author::learner,
                                        .body = message,
                                        .external_id = {},
                                        .at = gate_.clock().now()};
        const auto messages = storage::cases::list_messages(tx, cipher_, id);
        if (messages && !messages->empty() && repeats(messages->back(), next))
            return {};
        if (auto added = storage::cases::add_message(tx, cipher_, next); !added)
            return added.error();
        return queue<support::Append>(tx, *opened, next, language);
    });
}

std::vector<CaseView> list_cases(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                 const storage::LearnerId& learner) {
    std::vector<CaseView> views;
    for (auto& row : storage::cases::list(tx, cipher, learner)) {
        MessageText subject(std::move(row.subject_line));
        views.push_back({std::move(row), std::move(subject), {}});
    }
    return views;
}

boost::asio::awaitable<Result<std::vector<CaseView>>> Cases::list(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<CaseView>> {
        return list_cases(tx, cipher_, learner);
    });
}

boost::asio::awaitable<Result<CaseView>> Cases::find(storage::LearnerId learner, storage::CaseId id) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<CaseView> {
        auto row = storage::cases::find(tx, cipher_, id);
        if (!row || row->learner != learner)
            return Error(ErrorKind::not_found, "there is no such case");
        auto messages = storage::cases::list_messages(tx, cipher_, id);
        if (!messages)
            return messages.error();
        MessageText subject(std::move(row->subject_line));
        CaseView view{std::move(*row), std::move(subject), {}};
        for (auto& message : *messages) {
            MessageText text(std::move(message.body));
            view.messages.push_back({std::move(message), std::move(text)});
        }
        return view;
    });
}

boost::asio::awaitable<Status> Cases::note_seen(storage::LearnerId learner, storage::CaseId id) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto row = storage::cases::find(tx, cipher_, id);
        if (!row || row->learner != learner)
            return Error(ErrorKind::not_found, "there is no such case");
        storage::cases::note_seen(tx, id, gate_.clock().now());
        return {};
    });
}

boost::asio::awaitable<Result<int>> Cases::receive_mail(std::string mail) {
    const auto policy = gate_.policy();
    const auto desks = policy->of_family(Family::support);
    if (desks.empty())
        co_return Error(ErrorKind::invalid_config, "no support plugin is enabled that takes mail");
    Error problem(ErrorKind::not_found, "this mail belongs to no case");
    for (const auto* desk : desks) {
        IngestRecord<gate::Guarded> record;
        record.kind = InboundKind::mail;
        record.document = Bytes{mail};
        const auto reply =
            co_await gate_.call_without_subject<support::Ingest>(desk->id, purpose, std::move(record));
        if (!reply) {
            problem = reply.error();
            continue;
        }
        std::set<std::string> touched;
        const auto stored = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
            touched.clear();
            for (const auto& signal : reply->signals) {
                const auto found = storage::cases::find_by_alias(tx, cipher_, signal.object_ref);
                // A desk speaks of its own cases only.
                if (!found || found->instance != desk->id.text())
                    continue;
                touched.insert(found->alias);
                const auto received = storage::inbound_events::insert(tx, cipher_,
                                                                      {.id = storage::InboundEventId::make(),
                                                                       .instance = desk->id.text(),
                                                                       .dedupe_key = signal.dedupe_key,
                                                                       .event_id = signal.event_id,
                                                                       .object_ref = found->alias,
                                                                       .kind = signal.kind,
                                                                       .subject = found->learner,
                                                                       .detail = signal.detail,
                                                                       .received_at = gate_.clock().now(),
                                                                       .handled_at = {}});
                if (!received)
                    return received.error();
            }
            return {};
        });
        if (!stored)
            co_return stored.error();
        if (touched.empty())
            continue;
        int added = 0;
        for (const auto& alias : touched) {
            const auto fetched = co_await fetch_answers(desk->id, alias);
            if (!fetched)
                co_return fetched.error();
            added += *fetched;
        }
        co_return added;
    }
    co_return problem;
}

boost::asio::awaitable<Result<int>> Cases::fetch_answers(settings::InstanceId instance, std::string alias) {
    struct Known {
        storage::Case opened;
        std::vector<PastSignal> history;
    };
    auto known = co_await database_.run([&](storage::Transaction& tx) -> Result<Known> {
        auto opened = storage::cases::find_by_alias(tx, cipher_, alias);
        if (!opened)
            return Error(ErrorKind::not_found, "there is no such case");
        Known found{std::move(*opened), {}};
        for (const auto& event : storage::inbound_events::list_about(tx, cipher_, instance.text(), alias))
            found.history.push_back(
                {event.event_id, event.kind, event.detail, storage::microseconds_of(event.received_at)});
        return found;
    });
    if (!known)
        co_return known.error();

    support::ThreadRecord<gate::Guarded> record;
    record.case_ref = alias;
    record.history = std::move(known->history);
    const auto thread =
        co_await gate_.call<support::Thread>(instance, purpose, known->opened.learner, std::move(record));
    if (!thread)
        co_return thread.error();

    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<int> {
        int added = 0;
        for (const auto& message : thread->messages) {
            if (message.author != support::Author::support)
                continue;
            const auto kept = storage::cases::add_message(
                tx, cipher_,
                {.id = storage::MessageId::make(),
                 .case_id = known->opened.id,
                 .author = storage::Author::support,
                 .body = message.text,
                 .external_id = message.external_id,
                 .at = message.at ? storage::timestamp_of(message.at) : gate_.clock().now()});
            if (!kept)
                return kept.error();
            if (*kept == storage::cases::Added::now)
                ++added;
        }
        using storage::MailTopic;
        const auto& learner = known->opened.learner;
        if (added > 0 && storage::notifications::is_wanted(tx, learner, MailTopic::case_answers))
            if (auto told = queue_letter(tx, cipher_, gate_, learner, LetterKind::case_answered); !told)
                return told.error();
        return added;
    });
}

}  // namespace calyptenora::platform
