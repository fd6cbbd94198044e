#include "storage/stores/subjects.hpp"

namespace calyptenora::storage::subjects {

constexpr std::string_view insert_sql =
    "insert into subjects (id, kind, created_at, last_seen_at) values (:id, :kind, :created_at, "
    ":last_seen_at)";
void insert(Transaction& tx, const SubjectId& id, SubjectKind kind, Timestamp now) {
    tx.execute(insert_sql, id, kind, now, now);
}

constexpr std::string_view find_sql =
    "select kind, created_at, last_seen_at, gpc_seen_at, merged_into, erased_at from subjects where id = :id";
std::optional<Subject> find(Transaction& tx, const SubjectId& id) {
    auto row = tx.find<SubjectKind, Timestamp, Timestamp, std::optional<Timestamp>, std::optional<SubjectId>,
                       std::optional<Timestamp>>(find_sql, id);
    if (!row)
        return std::nullopt;
    auto& [kind, created_at, last_seen_at, gpc_seen_at, merged_into, erased_at] = *row;
    return Subject{id, kind, created_at, last_seen_at, gpc_seen_at, std::move(merged_into), erased_at};
}

constexpr std::string_view lock_sql = "select id from subjects where id = :id";
Status lock(Transaction& tx, const SubjectId& id) {
    if (!tx.find<std::string>(std::string(lock_sql).append(lock_rows(tx.dialect())), id))
        return Error(ErrorKind::not_found, "there is no such subject");
    return {};
}

Status lock_unless_erased(Transaction& tx, const SubjectId& id) {
    if (auto locked = lock(tx, id); !locked)
        return locked;
    return find(tx, id)->erased_at ? Status(Error(ErrorKind::not_found, "this person was erased")) : Status();
}

constexpr std::string_view touch_sql = "update subjects set last_seen_at = :now where id = :id";
void touch(Transaction& tx, const SubjectId& id, Timestamp now) {
    tx.execute(touch_sql, now, id);
}

constexpr std::string_view record_gpc_sql = "update subjects set gpc_seen_at = :now where id = :id";
void record_gpc(Transaction& tx, const SubjectId& id, Timestamp now) {
    tx.execute(record_gpc_sql, now, id);
}

constexpr std::string_view merge_guest_sql =
    "update subjects set merged_into = :account where id = :guest and kind = 'guest'";
void merge_guest(Transaction& tx, const SubjectId& guest, const SubjectId& account) {
    tx.execute(merge_guest_sql, account, guest);
}

}  // namespace calyptenora::storage::subjects
