#include "storage/stores/policy_versions.hpp"

namespace calyptenora::storage::policy_versions {

constexpr std::string_view insert_sql =
    "insert into policy_versions (number, id, hash, made_at, effective_at, material, record) values "
    "(:number, "
    ":id, :hash, :made_at, :effective_at, :material, :record) on conflict (number) do nothing";
bool insert(Transaction& tx, const PolicyVersion& version, const std::string& record) {
    return tx.execute(insert_sql, version.number, version.id, version.hash, version.made_at,
                      version.effective_at, version.material, record) > 0;
}

constexpr std::string_view list_sql =
    "select id, number, hash, made_at, effective_at, material from policy_versions order by number desc";
std::vector<PolicyVersion> list(Transaction& tx) {
    std::vector<PolicyVersion> versions;
    for (auto& [id, number, hash, made_at, effective_at, material] :
         tx.rows<PolicyVersionId, std::int64_t, std::string, Timestamp, Timestamp, bool>(list_sql))
        versions.push_back({std::move(id), number, std::move(hash), made_at, effective_at, material});
    return versions;
}

constexpr std::string_view record_sql = "select record from policy_versions where number = :number";
std::optional<std::string> find_record(Transaction& tx, std::int64_t number) {
    auto found = tx.find<std::string>(record_sql, number);
    return found ? std::optional(std::move(std::get<0>(*found))) : std::nullopt;
}

constexpr std::string_view seen_sql = "select coalesce(notice_seen, 0) from learners where id = :id";
std::int64_t find_seen(Transaction& tx, const LearnerId& learner) {
    const auto found = tx.find<std::int64_t>(seen_sql, learner);
    return found ? std::get<0>(*found) : 0;
}

constexpr std::string_view note_seen_sql =
    "update learners set notice_seen = :number where id = :id and coalesce(notice_seen, 0) < :newer and "
    "state "
    "<> 'erased'";
void note_seen(Transaction& tx, const LearnerId& learner, std::int64_t number) {
    tx.execute(note_seen_sql, number, learner, number);
}

constexpr std::string_view unmailed_sql =
    "select id from learners where created_at < :made_at and coalesce(notice_mailed, 0) < :number and state "
    "<> "
    "'erased' order by id limit :limit";
std::vector<LearnerId> list_unmailed(Transaction& tx, std::int64_t number, Timestamp made_at, int limit) {
    std::vector<LearnerId> learners;
    for (auto& [id] : tx.rows<LearnerId>(unmailed_sql, made_at, number, limit))
        learners.push_back(std::move(id));
    return learners;
}

constexpr std::string_view note_mailed_sql =
    "update learners set notice_mailed = :number where id = :id and coalesce(notice_mailed, 0) < :newer and "
    "state <> 'erased'";
bool note_mailed(Transaction& tx, const LearnerId& learner, std::int64_t number) {
    return tx.execute(note_mailed_sql, number, learner, number) > 0;
}

}  // namespace calyptenora::storage::policy_versions
