#include "storage/stores/staff_events.hpp"

namespace calyptenora::storage::staff_events {
namespace {

FieldAddress actor_address(const StaffEventId& id) {
    return {"staff_events", id.text(), "actor_enc"};
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into staff_events (id, learner, kind, role, system_user, on_day, evidence, actor_enc, at) values "
    "(:id, "
    ":learner, :kind, :role, :system_user, :on_day, :evidence, :actor_enc, :at)";
void append(Transaction& tx, const FieldCipher& cipher, const StaffEvent& event) {
    tx.execute(insert_sql, event.id, event.learner, event.kind, event.role, event.system_user, event.on_day,
               event.evidence, cipher.encrypt_system(actor_address(event.id), event.actor), event.at);
}

constexpr std::string_view list_sql =
    "select id, kind, role, system_user, on_day, evidence, actor_enc, at from staff_events where learner = "
    ":learner order "
    "by at, id";
std::vector<StaffEvent> list(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner) {
    std::vector<StaffEvent> events;
    for (auto& [id, kind, role, system_user, on_day, evidence, sealed, at] :
         tx.rows<StaffEventId, StaffEventKind, std::optional<Role>, std::optional<std::string>, std::string,
                 std::string, std::string, Timestamp>(list_sql, learner)) {
        auto actor = cipher.decrypt_system(actor_address(id), sealed);
        events.push_back({std::move(id), learner, kind, role, std::move(system_user), std::move(on_day),
                          std::move(evidence), actor ? std::move(*actor) : std::string(), at});
    }
    return events;
}

}  // namespace calyptenora::storage::staff_events
