#include "storage/stores/retained.hpp"

namespace calyptenora::storage::retained {
namespace {

FieldAddress record_address(const RetainedId& id) {
    return {"retained_records", id.text(), "record_enc"};
}

std::vector<RetainedRecord> to_records(
    std::vector<std::tuple<RetainedId, SubjectId, std::string, std::string, std::string, Timestamp>> rows) {
    std::vector<RetainedRecord> records;
    for (auto& row : rows)
        records.push_back(std::make_from_tuple<RetainedRecord>(std::move(row)));
    return records;
}

}  // namespace

constexpr std::string_view find_owner_sql =
    "select key_owner from retained_records where subject = :subject and ground = :ground and until = :until "
    "limit 1";
constexpr std::string_view insert_sql =
    "insert into retained_records (id, subject, key_owner, ground, until, what, record_enc, created_at) "
    "values "
    "(:id, :subject, :key_owner, :ground, :until, :what, :record_enc, :created_at)";
Status keep(Transaction& tx, const FieldCipher& cipher, const RetainedRecord& record,
            std::string_view document) {
    const auto known = tx.find<SubjectId>(find_owner_sql, record.subject, record.ground, record.until);
    const auto owner = known ? std::get<0>(*known) : SubjectId::make();
    if (!known)
        if (auto made = cipher.keys().create(owner); !made)
            return made;
    const auto sealed = cipher.encrypt(owner, record_address(record.id), document);
    if (!sealed)
        return sealed.error();
    tx.execute(insert_sql, record.id, record.subject, owner, record.ground, record.until, record.what,
               *sealed, record.created_at);
    return {};
}

constexpr std::string_view list_sql =
    "select id, subject, ground, until, what, created_at from retained_records where subject = :subject "
    "order by until, id";
std::vector<RetainedRecord> list(Transaction& tx, const SubjectId& subject) {
    return to_records(
        tx.rows<RetainedId, SubjectId, std::string, std::string, std::string, Timestamp>(list_sql, subject));
}

constexpr std::string_view list_over_sql =
    "select id, subject, ground, until, what, created_at from retained_records where until < :today "
    "order by until, id limit :limit";
std::vector<RetainedRecord> list_over(Transaction& tx, std::string_view today, int limit) {
    return to_records(tx.rows<RetainedId, SubjectId, std::string, std::string, std::string, Timestamp>(
        list_over_sql, today, limit));
}

constexpr std::string_view load_sql = "select key_owner, record_enc from retained_records where id = :id";
Result<std::string> load_document(Transaction& tx, const FieldCipher& cipher, const RetainedId& id) {
    const auto row = tx.find<SubjectId, std::string>(load_sql, id);
    if (!row)
        return Error(ErrorKind::not_found, "there is no such record");
    return cipher.decrypt(std::get<0>(*row), record_address(id), std::get<1>(*row));
}

constexpr std::string_view remove_sql = "delete from retained_records where id = :id";
constexpr std::string_view count_sql = "select count(*) from retained_records where key_owner = :key_owner";
Status remove(Transaction& tx, const FieldCipher& cipher, const RetainedId& id) {
    const auto row = tx.find<SubjectId, std::string>(load_sql, id);
    if (!row)
        return {};
    const auto& owner = std::get<0>(*row);
    tx.execute(remove_sql, id);
    if (std::get<0>(*tx.find<int>(count_sql, owner)) > 0)
        return {};
    return cipher.keys().destroy(owner);
}

}  // namespace calyptenora::storage::retained
