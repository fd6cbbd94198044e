#include "storage/stores/consents.hpp"

#include "storage/row_batch.hpp"
#include "storage/stores/population.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/text.hpp"

namespace calyptenora::storage::consents {
namespace {

/// What the chain covers, in this order for ever.
std::vector<std::string> fields_of(const ConsentEvent& event) {
    return {event.record_id.text(),
            event.pii_principal_id.text(),
            std::to_string(microseconds_of(event.event_time)),
            event.event_type,
            std::string(key_of(event.event_state)),
            event.entity_id,
            event.instance,
            std::string(key_of(event.purpose)),
            event.recipient_third_parties,
            event.privacy_notice,
            event.language,
            event.action,
            event.validity_duration ? std::to_string(event.validity_duration->count()) : "",
            event.text_hash,
            event.choices_hash,
            event.manifest_hash,
            event.policy_hash};
}

using ConsentRow = std::tuple<SubjectId, std::string, Purpose, ConsentState, std::optional<Timestamp>,
                              RecordId, Timestamp, std::optional<Timestamp>, std::string, ConsentOrigin>;

Consent to_consent(ConsentRow&& row) {
    auto& [subject, instance, purpose, state, shown, record, changed, expires, policy, origin] = row;
    return {std::move(subject),
            std::move(instance),
            purpose,
            state,
            shown,
            std::move(record),
            changed,
            expires,
            std::move(policy),
            origin};
}

template <class... Args>
std::vector<Consent> select_consents(Transaction& tx, std::string_view sql, const Args&... args) {
    std::vector<Consent> consents;
    for (auto& row :
         tx.rows<SubjectId, std::string, Purpose, ConsentState, std::optional<Timestamp>, RecordId, Timestamp,
                 std::optional<Timestamp>, std::string, ConsentOrigin>(sql, args...))
        consents.push_back(to_consent(std::move(row)));
    return consents;
}

constexpr std::string_view insert_event_sql =
    "insert into consent_events (record_id, pii_principal_id, sequence, event_time, event_type, event_state, "
    "entity_id, "
    "instance, purpose, recipient_third_parties, privacy_notice, language, action, validity_duration, "
    "text_hash, "
    "choices_hash, manifest_hash, policy_hash, previous_hash, hash) values (:record_id, :pii_principal_id, "
    ":sequence, "
    ":event_time, :event_type, :event_state, :entity_id, :instance, :purpose, :recipient_third_parties, "
    ":privacy_notice, :language, :action, :validity_duration, :text_hash, :choices_hash, :manifest_hash, "
    ":policy_hash, "
    ":previous_hash, :hash)";
Status append(Transaction& tx, const ServiceSecrets& secrets, const ConsentEvent& event) {
    const auto& subject = event.pii_principal_id;
    if (const auto locked = subjects::lock(tx, subject); !locked)
        return locked.error();
    auto head = lock_chain_head(tx, secrets, Ledger::consents, subject);
    const auto previous_hash = head.hash;
    ++head.count;
    head.hash = make_link(std::to_string(head.count), previous_hash, fields_of(event));
    tx.execute(insert_event_sql, event.record_id, subject, head.count, event.event_time, event.event_type,
               event.event_state, event.entity_id, event.instance, event.purpose,
               event.recipient_third_parties, event.privacy_notice, event.language, event.action,
               event.validity_duration, event.text_hash, event.choices_hash, event.manifest_hash,
               event.policy_hash, previous_hash, head.hash);
    store_chain_head(tx, secrets, Ledger::consents, subject, head);
    return {};
}

}  // namespace

constexpr std::string_view upsert_consent_sql =
    "insert into consents (subject, instance, purpose, state, shown_at, record_id, changed_at, expires_at, "
    "policy_hash, "
    "origin) values (:subject, :instance, :purpose, :state, :shown_at, :record_id, :changed_at, :expires_at, "
    ":policy_hash, :origin) on conflict (subject, instance, purpose) do update set state = excluded.state, "
    "shown_at = coalesce(consents.shown_at, excluded.shown_at), record_id = excluded.record_id, "
    "changed_at = excluded.changed_at, expires_at = excluded.expires_at, policy_hash = excluded.policy_hash, "
    "origin = excluded.origin";
Status record(Transaction& tx, const ServiceSecrets& secrets, const ConsentEvent& event,
              ConsentOrigin origin) {
    if (auto appended = append(tx, secrets, event); !appended)
        return appended;
    const auto shown_at = event.text_hash.empty() ? std::nullopt : std::optional(event.event_time);
    const auto expires_at = event.validity_duration
                                ? std::optional<Timestamp>(event.event_time + *event.validity_duration)
                                : std::nullopt;
    tx.execute(upsert_consent_sql, event.pii_principal_id, event.instance, event.purpose, event.event_state,
               shown_at, event.record_id, event.event_time, expires_at, event.policy_hash, origin);
    return {};
}

void record_all(Transaction& tx, const ServiceSecrets& secrets, std::span<const ConsentEvent> events,
                ConsentOrigin origin) {
    RowBatch event_rows(
        "consent_events",
        "record_id, pii_principal_id, sequence, event_time, event_type, event_state, entity_id, instance, "
        "purpose, recipient_third_parties, privacy_notice, language, action, validity_duration, text_hash, "
        "choices_hash, manifest_hash, policy_hash, previous_hash, hash");
    RowBatch rows("consents",
                  "subject, instance, purpose, state, shown_at, record_id, changed_at, expires_at, "
                  "policy_hash, origin");
    std::vector<std::pair<SubjectId, ChainHead>> heads;
    std::size_t first_own = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto& event = events[i];
        const auto& subject = event.pii_principal_id;
        if (heads.empty() || heads.back().first != subject) {
            heads.emplace_back(subject, ChainHead());
            first_own = i;
        }
        auto& head = heads.back().second;
        const auto previous_hash = head.hash;
        ++head.count;
        head.hash = make_link(std::to_string(head.count), previous_hash, fields_of(event));
        event_rows.add(event.record_id, subject, head.count, event.event_time, event.event_type,
                       event.event_state, event.entity_id, event.instance, event.purpose,
                       event.recipient_third_parties, event.privacy_notice, event.language, event.action,
                       event.validity_duration, event.text_hash, event.choices_hash, event.manifest_hash,
                       event.policy_hash, previous_hash, head.hash);

        const auto is_same_flow = [&](const ConsentEvent& other) {
            return other.instance == event.instance && other.purpose == event.purpose;
        };
        // What holds is what was said last; it was shown when anything was shown first.
        const auto own = events.subspan(first_own, i + 1 - first_own);
        bool is_last = true;
        for (auto next = i + 1; next < events.size() && events[next].pii_principal_id == subject; ++next)
            is_last = is_last && !is_same_flow(events[next]);
        if (!is_last)
            continue;
        const auto shown = std::ranges::find_if(
            own, [&](const ConsentEvent& other) { return is_same_flow(other) && !other.text_hash.empty(); });
        const auto is_shown = shown != own.end();
        rows.add(
            subject, event.instance, event.purpose, event.event_state,
            is_shown ? std::optional(shown->event_time) : std::nullopt, event.record_id, event.event_time,
            event.validity_duration ? std::optional<Timestamp>(event.event_time + *event.validity_duration)
                                    : std::nullopt,
            event.policy_hash, origin);
    }
    event_rows.write(tx);
    rows.write(tx);
    insert_chain_heads(tx, secrets, Ledger::consents, heads);
}

Status record_guardian(Transaction& tx, const ServiceSecrets& secrets, const ConsentEvent& event) {
    return append(tx, secrets, event);
}

constexpr std::string_view find_guardian_sql =
    "select event_state, event_time, validity_duration, policy_hash from consent_events "
    "where pii_principal_id = :subject and instance = :instance and purpose = :purpose "
    "and entity_id = 'guardian' order by sequence desc limit 1";
std::optional<GuardianConsent> find_guardian(Transaction& tx, const SubjectId& subject,
                                             std::string_view instance, Purpose purpose) {
    auto row = tx.find<ConsentState, Timestamp, std::optional<std::int64_t>, std::string>(
        find_guardian_sql, subject, instance, purpose);
    if (!row)
        return std::nullopt;
    auto& [state, at, validity, policy_hash] = *row;
    return GuardianConsent{
        state, validity ? std::optional<Timestamp>(at + std::chrono::seconds(*validity)) : std::nullopt,
        std::move(policy_hash)};
}

constexpr std::string_view closed_since_sql =
    "select record_id from consent_events where pii_principal_id = :subject and instance = :instance "
    "and purpose = :purpose and event_time > :since and event_state not in ('given', 'renewed') limit 1";
bool was_closed_since(Transaction& tx, const SubjectId& subject, std::string_view instance, Purpose purpose,
                      Timestamp since) {
    return tx.find<std::string>(closed_since_sql, subject, instance, purpose, since).has_value();
}

constexpr std::string_view find_sql =
    "select subject, instance, purpose, state, shown_at, record_id, changed_at, expires_at, policy_hash, "
    "origin "
    "from consents where subject = :subject and instance = :instance and purpose = :purpose";
std::optional<Consent> find(Transaction& tx, const SubjectId& subject, std::string_view instance,
                            Purpose purpose) {
    auto found = select_consents(tx, find_sql, subject, instance, purpose);
    if (found.empty())
        return std::nullopt;
    return std::move(found.front());
}

constexpr std::string_view list_sql =
    "select subject, instance, purpose, state, shown_at, record_id, changed_at, expires_at, policy_hash, "
    "origin "
    "from consents where subject = :subject order by instance, purpose";
std::vector<Consent> list(Transaction& tx, const SubjectId& subject) {
    return select_consents(tx, list_sql, subject);
}

constexpr std::string_view list_expired_sql =
    "select subject, instance, purpose, state, shown_at, record_id, changed_at, expires_at, policy_hash, "
    "origin "
    "from consents where state in ('given', 'renewed') and expires_at <= :now order by expires_at limit "
    ":limit";
std::vector<Consent> list_expired(Transaction& tx, Timestamp now, int limit) {
    return select_consents(tx, list_expired_sql, now, limit);
}

constexpr std::string_view list_events_sql =
    "select record_id, event_time, event_type, event_state, entity_id, instance, purpose, "
    "recipient_third_parties, privacy_notice, language, action, validity_duration, text_hash, choices_hash, "
    "manifest_hash, policy_hash from consent_events where pii_principal_id = :subject order by sequence";
std::vector<ConsentEvent> list_events(Transaction& tx, const SubjectId& subject) {
    std::vector<ConsentEvent> events;
    for (auto& row :
         tx.rows<std::string, Timestamp, std::string, std::string, std::string, std::string, std::string,
                 std::string, std::string, std::string, std::string, std::optional<std::int64_t>, std::string,
                 std::string, std::string, std::string>(list_events_sql, subject)) {
        auto& [record_id, time, type, state, entity, instance, purpose, recipient, notice, language, action,
               validity, text_hash, choices_hash, manifest_hash, policy_hash] = row;
        const auto known_state = find_term<ConsentState>(state);
        const auto known_purpose = find_term<Purpose>(purpose);
        if (!known_state || !known_purpose)
            throw std::out_of_range(
                "a consent event holds an unknown state or purpose; run `calyptenora ledger verify`");
        events.push_back({RecordId::from_database(std::move(record_id)), subject, time, std::move(type),
                          *known_state, std::move(entity), std::move(instance), *known_purpose,
                          std::move(recipient), std::move(notice), std::move(language), std::move(action),
                          validity ? std::optional(std::chrono::seconds(*validity)) : std::nullopt,
                          std::move(text_hash), std::move(choices_hash), std::move(manifest_hash),
                          std::move(policy_hash)});
    }
    return events;
}

constexpr std::string_view insert_text_sql =
    "insert into consent_texts (hash, language, body, first_shown_at) values (:hash, :language, :body, :now) "
    "on conflict (hash) do nothing";
std::string store_text(Transaction& tx, std::string_view language, std::string_view body, Timestamp now) {
    auto hash = make_content_hash(body);
    tx.execute(insert_text_sql, hash, language, body, now);
    return hash;
}

constexpr std::string_view find_text_sql = "select body from consent_texts where hash = :hash";
std::optional<std::string> find_text(Transaction& tx, std::string_view hash) {
    auto row = tx.find<std::string>(find_text_sql, hash);
    if (!row)
        return std::nullopt;
    return std::move(std::get<0>(*row));
}

// Text throughout, so that verification also meets values that no number and no enumeration has. PostgreSQL
// would sort by the text if the column were not named with its table.
constexpr std::string_view select_chain_sql =
    "select cast(sequence as text), previous_hash, hash, record_id, cast(event_time as text), event_type, "
    "event_state, "
    "entity_id, instance, purpose, recipient_third_parties, privacy_notice, language, action, "
    "cast(validity_duration as text), text_hash, choices_hash, manifest_hash, policy_hash from "
    "consent_events "
    "where pii_principal_id = :subject order by consent_events.sequence";
std::vector<ChainRow> list_chain(Transaction& tx, const SubjectId& subject) {
    std::vector<ChainRow> chain;
    for (auto& row :
         tx.rows<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                 std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                 std::optional<std::string>, std::string, std::string, std::string, std::string>(
             select_chain_sql, subject)) {
        auto& [sequence, previous_hash, hash, record_id, time, type, state, entity, instance, purpose,
               recipient, notice, language, action, validity, text_hash, choices_hash, manifest_hash,
               policy_hash] = row;
        // SQLite lets an empty text stand where NULL stood.
        if (validity && validity->empty())
            validity = "no number";
        chain.push_back({std::move(sequence),
                         std::move(previous_hash),
                         std::move(hash),
                         {std::move(record_id), subject.text(), std::move(time), std::move(type),
                          std::move(state), std::move(entity), std::move(instance), std::move(purpose),
                          std::move(recipient), std::move(notice), std::move(language), std::move(action),
                          std::move(validity).value_or(""), std::move(text_hash), std::move(choices_hash),
                          std::move(manifest_hash), std::move(policy_hash)}});
    }
    return chain;
}

std::vector<LedgerBreak> verify(Transaction& tx, const ServiceSecrets& secrets, const SubjectId& subject) {
    return verify_chain(tx, secrets, Ledger::consents, subject, list_chain(tx, subject));
}

constexpr std::string_view chains_sql =
    "select subject from ledger_heads where ledger = 'consents' union select pii_principal_id from "
    "consent_events union select subject from checkpoint_heads where ledger = 'consents'";
std::vector<LedgerBreak> verify_all(Transaction& tx, const ServiceSecrets& secrets) {
    std::vector<LedgerBreak> breaks;
    for (const auto& [subject] : tx.rows<SubjectId>(chains_sql))
        std::ranges::move(verify(tx, secrets, subject), std::back_inserter(breaks));
    return breaks;
}

constexpr std::string_view object_sql =
    "insert into objections (subject, instance, purpose, objected_at) values (:subject, :instance, :purpose, "
    ":now) "
    "on conflict (subject, instance, purpose) do nothing";
void object(Transaction& tx, const SubjectId& subject, std::string_view instance, Purpose purpose,
            Timestamp now) {
    tx.execute(object_sql, subject, instance, purpose, now);
}

constexpr std::string_view withdraw_objection_sql =
    "delete from objections where subject = :subject and instance = :instance and purpose = :purpose";
void withdraw_objection(Transaction& tx, const SubjectId& subject, std::string_view instance,
                        Purpose purpose) {
    tx.execute(withdraw_objection_sql, subject, instance, purpose);
}

constexpr std::string_view grounds_sql =
    "update objections set compelling_grounds = :grounds, grounds_at = :now "
    "where subject = :subject and instance = :instance and purpose = :purpose";
bool record_compelling_grounds(Transaction& tx, const SubjectId& subject, std::string_view instance,
                               Purpose purpose, std::string_view grounds, Timestamp now) {
    return tx.execute(grounds_sql, grounds, now, subject, instance, purpose) > 0;
}

constexpr std::string_view list_objections_sql =
    "select instance, purpose, objected_at, compelling_grounds, grounds_at from objections where subject = "
    ":subject "
    "order by instance, purpose";
std::vector<Objection> list_objections(Transaction& tx, const SubjectId& subject) {
    std::vector<Objection> objections;
    for (auto& row :
         tx.rows<std::string, Purpose, Timestamp, std::optional<std::string>, std::optional<Timestamp>>(
             list_objections_sql, subject)) {
        auto& [instance, purpose, at, grounds, grounds_at] = row;
        objections.push_back({std::move(instance), purpose, at, std::move(grounds), grounds_at});
    }
    return objections;
}

}  // namespace calyptenora::storage::consents
