#include "storage/stores/inbound_events.hpp"

namespace calyptenora::storage::inbound_events {
namespace {

FieldAddress detail_address(const InboundEventId& id) {
    return {"inbound_events", id.text(), "detail_enc"};
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into inbound_events (instance, dedupe_key, id, event_id, object_ref, kind, subject, detail_enc, "
    "received_at, "
    "handled_at) values (:instance, :dedupe_key, :id, :event_id, :object_ref, :kind, :subject, :detail_enc, "
    ":received_at, :handled_at) on conflict (instance, dedupe_key) do nothing";
Result<Received> insert(Transaction& tx, const FieldCipher& cipher, const InboundEvent& event) {
    const auto address = detail_address(event.id);
    const auto detail = event.subject ? cipher.encrypt(*event.subject, address, event.detail)
                                      : Result<std::string>(cipher.encrypt_system(address, event.detail));
    if (!detail)
        return detail.error();
    const auto inserted =
        tx.execute(insert_sql, event.instance, event.dedupe_key, event.id, event.event_id, event.object_ref,
                   event.kind, event.subject, *detail, event.received_at, event.handled_at);
    return inserted > 0 ? Received::now : Received::before;
}

constexpr std::string_view mark_handled_sql = "update inbound_events set handled_at = :now where id = :id";
void mark_handled(Transaction& tx, const InboundEventId& id, Timestamp now) {
    tx.execute(mark_handled_sql, now, id);
}

namespace {

template <class... Args>
std::vector<InboundEvent> read_events(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                                      std::string_view instance, const Args&... args) {
    std::vector<InboundEvent> events;
    for (auto& row :
         tx.rows<InboundEventId, std::string, std::string, std::string, std::string, std::optional<SubjectId>,
                 std::string, Timestamp, std::optional<Timestamp>>(sql, instance, args...)) {
        auto& [id, dedupe_key, event_id, object_ref, kind, subject, sealed, received_at, handled_at] = row;
        const auto address = detail_address(id);
        auto detail =
            subject ? cipher.decrypt(*subject, address, sealed) : cipher.decrypt_system(address, sealed);
        events.push_back({std::move(id), std::string(instance), std::move(dedupe_key), std::move(event_id),
                          std::move(object_ref), std::move(kind), std::move(subject),
                          detail ? std::move(*detail) : std::string(), received_at, handled_at});
    }
    return events;
}

}  // namespace

constexpr std::string_view list_unhandled_sql =
    "select id, dedupe_key, event_id, object_ref, kind, subject, detail_enc, received_at, handled_at "
    "from inbound_events where instance = :instance and handled_at is null order by received_at, id limit "
    ":limit";
std::vector<InboundEvent> list_unhandled(Transaction& tx, const FieldCipher& cipher,
                                         std::string_view instance, int limit) {
    return read_events(tx, cipher, list_unhandled_sql, instance, limit);
}

constexpr std::string_view list_about_sql =
    "select id, dedupe_key, event_id, object_ref, kind, subject, detail_enc, received_at, handled_at "
    "from inbound_events where instance = :instance and object_ref = :object_ref order by received_at, id";
std::vector<InboundEvent> list_about(Transaction& tx, const FieldCipher& cipher, std::string_view instance,
                                     std::string_view object_ref) {
    return read_events(tx, cipher, list_about_sql, instance, object_ref);
}

}  // namespace calyptenora::storage::inbound_events
