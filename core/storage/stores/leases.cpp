#include "storage/stores/leases.hpp"

namespace calyptenora::storage::leases {

constexpr std::string_view grant_sql =
    "insert into emission_leases (id, subject, node, granted_at, expires_at) "
    "values (:id, :subject, :node, :granted_at, :expires_at)";
std::vector<Lease> grant(Transaction& tx, const std::set<SubjectId>& subjects, std::string_view node,
                         Timestamp now, std::chrono::microseconds duration) {
    std::vector<Lease> granted;
    for (const auto& subject : subjects) {
        granted.push_back({LeaseId::make(), subject, now + duration});
        tx.execute(grant_sql, granted.back().id, subject, node, now, granted.back().expires_at);
    }
    return granted;
}

constexpr std::string_view release_sql = "delete from emission_leases where id = :id";
void release(Transaction& tx, std::span<const Lease> leases) {
    for (const auto& lease : leases)
        tx.execute(release_sql, lease.id);
}

constexpr std::string_view list_held_sql =
    "select id, expires_at from emission_leases where subject = :subject and expires_at > :now order by id";
std::vector<Lease> list_held(Transaction& tx, const SubjectId& subject, Timestamp now) {
    std::vector<Lease> held;
    for (auto& [id, expires_at] : tx.rows<LeaseId, Timestamp>(list_held_sql, subject, now))
        held.push_back({std::move(id), subject, expires_at});
    return held;
}

constexpr std::string_view find_sql =
    "select expires_at from emission_leases where id = :id and expires_at > :now";
std::vector<Lease> list_remaining(Transaction& tx, std::span<const Lease> waited_for, Timestamp now) {
    std::vector<Lease> remaining;
    for (const auto& lease : waited_for)
        if (tx.find<Timestamp>(find_sql, lease.id, now))
            remaining.push_back(lease);
    return remaining;
}

constexpr std::string_view sweep_sql = "delete from emission_leases where expires_at < :before";
long long sweep(Transaction& tx, Timestamp expired_before) {
    return tx.execute(sweep_sql, expired_before);
}

}  // namespace calyptenora::storage::leases
