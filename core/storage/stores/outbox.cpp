#include "storage/stores/outbox.hpp"

#include "settings/instance_id.hpp"

namespace calyptenora::storage::outbox {
namespace {

FieldAddress payload_address(const EventId& id) {
    return {"outbox", id.text(), "payload_enc"};
}

constexpr std::string_view settle_sql =
    "update outbox set state = :state, last_error = :reason, settled_at = :now, claimed_by = null, "
    "claim_until = null, "
    "payload_enc = '' where id = :id and state = 'claimed' and claimed_by = :node";
bool settle(Transaction& tx, OutboxState state, const EventId& id, const NodeName& node,
            std::string_view reason, Timestamp now) {
    return tx.execute(settle_sql, state, reason, now, id, node) > 0;
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into outbox (id, instance, operation, purpose, subject, payload_enc, created_at, state, "
    "attempts, "
    "next_attempt_at, last_error) values (:id, :instance, :operation, :purpose, :subject, :payload_enc, "
    ":created_at, "
    "'queued', 0, :next_attempt_at, '') on conflict (id) do nothing";
Status append(Transaction& tx, const FieldCipher& cipher, const NewEvent& event, Timestamp now) {
    const auto payload = cipher.encrypt(event.subject, payload_address(event.id), event.payload);
    if (!payload)
        return payload.error();
    tx.execute(insert_sql, event.id, event.instance, event.operation, event.purpose, event.subject, *payload,
               now, now);
    return {};
}

// One statement finds, locks and takes: between two there would be room for another dispatcher. PostgreSQL
// leaves out rows that somebody else is just taking, and checks the condition again on the newest version of
// those that it locks.
constexpr std::string_view claim_sql =
    "update outbox set state = 'claimed', claimed_by = :node, claim_until = :until, attempts = attempts + 1 "
    "where id in "
    "(select id from outbox where ((state = 'queued' and next_attempt_at <= :due) or (state = 'claimed' and "
    "claim_until <= :expired)) and ((:any = '' and instance <> :core_mail) or instance = :instance) order by "
    "next_attempt_at, id limit :limit";
constexpr std::string_view claim_returning_sql =
    ") returning id, instance, operation, purpose, subject, payload_enc, created_at, attempts";
std::vector<OutboxEvent> claim(Transaction& tx, const FieldCipher& cipher, std::string_view instance,
                               const NodeName& node, int limit, Timestamp now,
                               std::chrono::microseconds lease) {
    const auto sql = std::string(claim_sql).append(lock_free_rows(tx.dialect())).append(claim_returning_sql);
    std::vector<OutboxEvent> events;
    for (auto& row :
         tx.rows<EventId, std::string, std::string, Purpose, SubjectId, std::string, Timestamp, int>(
             sql, node, now + lease, now, now, instance, settings::core_mail_id().text(), instance, limit)) {
        auto& [id, event_instance, operation, purpose, subject, sealed, created_at, attempts] = row;
        auto payload = cipher.decrypt(subject, payload_address(id), sealed);
        events.push_back({std::move(id), std::move(event_instance), std::move(operation), purpose,
                          std::move(subject), payload ? std::optional(std::move(*payload)) : std::nullopt,
                          created_at, attempts});
    }
    // RETURNING keeps no order; ids ascend with time.
    std::ranges::sort(events, {}, &OutboxEvent::id);
    return events;
}

bool deliver(Transaction& tx, const EventId& id, const NodeName& node, Timestamp now) {
    return settle(tx, OutboxState::delivered, id, node, "", now);
}
bool drop(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason, Timestamp now) {
    return settle(tx, OutboxState::dropped, id, node, reason, now);
}
bool fail(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason, Timestamp now) {
    return settle(tx, OutboxState::failed, id, node, reason, now);
}

constexpr std::string_view set_aside_sql =
    "update outbox set state = 'failed', last_error = :reason, settled_at = :now, claimed_by = null, "
    "claim_until = null where id = :id and state = 'claimed' and claimed_by = :node";
bool set_aside(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason,
               Timestamp now) {
    return tx.execute(set_aside_sql, reason, now, id, node) > 0;
}

constexpr std::string_view requeue_sql =
    "update outbox set state = 'queued', next_attempt_at = :at, last_error = :reason, claimed_by = null, "
    "claim_until = null, attempts = attempts - :uncounted where id = :id and state = 'claimed' and "
    "claimed_by = :node";
bool requeue(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason, Timestamp at,
             CountAttempt count_attempt) {
    return tx.execute(requeue_sql, at, reason, count_attempt == CountAttempt::yes ? 0 : 1, id, node) > 0;
}

std::chrono::seconds backoff(int attempts) {
    return std::chrono::seconds(std::min(3600, 1 << std::clamp(attempts, 1, 12)));
}

constexpr std::string_view drop_all_sql =
    "update outbox set state = 'dropped', last_error = :reason, settled_at = :now, claimed_by = null, "
    "claim_until = null, "
    "payload_enc = '' where subject = :subject and state in ('queued', 'claimed') and (:any_instance = '' or "
    "instance = :instance) and (:any_purpose = '' or purpose = :purpose)";
long long drop_all(Transaction& tx, const SubjectId& subject, std::string_view instance,
                   const std::optional<Purpose>& purpose, std::string_view reason, Timestamp now) {
    const std::string_view key = purpose ? key_of(*purpose) : std::string_view();
    return tx.execute(drop_all_sql, reason, now, subject, instance, instance, key, key);
}

constexpr std::string_view retry_sql =
    "update outbox set state = 'queued', attempts = 0, next_attempt_at = :now, settled_at = null where id = "
    ":id "
    "and instance = :instance and payload_enc <> '' and state in ('queued', 'failed')";
bool retry(Transaction& tx, const EventId& id, std::string_view instance, Timestamp now) {
    return tx.execute(retry_sql, now, id, instance) > 0;
}

constexpr std::string_view waiting_sql =
    "select id from outbox where subject = :subject and instance = :instance and operation = :operation and "
    "state = 'queued' limit 1";
bool is_waiting(Transaction& tx, const SubjectId& subject, std::string_view instance,
                std::string_view operation) {
    return tx.find<EventId>(waiting_sql, subject, instance, operation).has_value();
}

constexpr std::string_view undelivered_sql =
    "select id, operation, state, attempts, created_at, next_attempt_at, last_error, settled_at from outbox "
    "where instance = :instance and state in ('queued', 'claimed', 'failed') order by id limit :limit";
std::vector<OutboxNote> list_undelivered(Transaction& tx, std::string_view instance, int limit) {
    std::vector<OutboxNote> notes;
    for (auto& row : tx.rows<EventId, std::string, OutboxState, int, Timestamp, Timestamp, std::string,
                             std::optional<Timestamp>>(undelivered_sql, instance, limit))
        notes.push_back(std::make_from_tuple<OutboxNote>(std::move(row)));
    return notes;
}

constexpr std::string_view count_sql =
    "select state, count(*) from outbox where :any = '' or instance = :instance group by state";
std::map<OutboxState, long long> count(Transaction& tx, std::string_view instance) {
    std::map<OutboxState, long long> counts;
    for (const auto& [state, number] : tx.rows<OutboxState, long long>(count_sql, instance, instance))
        counts[state] = number;
    return counts;
}

constexpr std::string_view next_due_sql =
    "select min(case when state = 'queued' then next_attempt_at else claim_until end) from outbox "
    "where state in ('queued', 'claimed')";
std::optional<Timestamp> find_next_due(Transaction& tx) {
    return std::get<0>(*tx.find<std::optional<Timestamp>>(next_due_sql));
}

constexpr std::string_view sweep_sql =
    "delete from outbox where state in ('delivered', 'dropped', 'failed') and settled_at < :before";
long long sweep(Transaction& tx, Timestamp settled_before) {
    return tx.execute(sweep_sql, settled_before);
}

}  // namespace calyptenora::storage::outbox
