#include "storage/stores/tombstones.hpp"

namespace calyptenora::storage::tombstones {

constexpr std::string_view put_sql =
    "insert into tombstones (subject, kind, instance, purpose, at) values (:subject, :kind, :instance, "
    ":purpose, :at) "
    "on conflict (subject, kind, instance, purpose) do update set at = excluded.at";
Status put(KeyStore& keys, const std::vector<Tombstone>& tombstones) {
    if (tombstones.empty())
        return {};
    return keys.database().transaction_blocking([&](Transaction& tx) -> Status {
        for (const auto& stone : tombstones)
            tx.execute(put_sql, stone.subject, stone.kind, stone.instance,
                       stone.purpose ? key_of(*stone.purpose) : std::string_view(), stone.at);
        return {};
    });
}

constexpr std::string_view remove_sql = "delete from tombstones where subject = :subject and kind = :kind";
Status remove(KeyStore& keys, const SubjectId& subject, TombstoneKind kind) {
    return keys.database().transaction_blocking([&](Transaction& tx) -> Status {
        tx.execute(remove_sql, subject, kind);
        return {};
    });
}

constexpr std::string_view list_sql =
    "select subject, kind, instance, purpose, at from tombstones order by subject, kind, instance, purpose";
Result<std::vector<Tombstone>> list(KeyStore& keys) {
    return keys.database().run_blocking([&](Transaction& tx) -> Result<std::vector<Tombstone>> {
        std::vector<Tombstone> found;
        for (auto& [subject, kind, instance, purpose, at] :
             tx.rows<SubjectId, TombstoneKind, std::string, std::string, Timestamp>(list_sql))
            found.push_back({std::move(subject), kind, std::move(instance), find_term<Purpose>(purpose), at});
        return found;
    });
}

constexpr std::string_view sweep_sql = "delete from tombstones where at < :before";
Result<long long> sweep(KeyStore& keys, Timestamp before) {
    return keys.database().transaction_blocking(
        [&](Transaction& tx) -> Result<long long> { return tx.execute(sweep_sql, before); });
}

}  // namespace calyptenora::storage::tombstones
