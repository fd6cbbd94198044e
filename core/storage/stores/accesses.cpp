#include "storage/stores/accesses.hpp"

#include <map>

namespace calyptenora::storage::accesses {
namespace {

FieldAddress actor_address(const AccessId& id) {
    return {"accesses", id.text(), "actor_enc"};
}

template <class... Args>
std::vector<Access> select(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                           const Args&... args) {
    std::vector<Access> found;
    for (auto& [id, subject, sealed, role, part, reason, at] :
         tx.rows<AccessId, SubjectId, std::string, Role, AccessedPart, std::string, Timestamp>(sql,
                                                                                               args...)) {
        auto actor = cipher.decrypt_system(actor_address(id), sealed);
        found.push_back({std::move(id), std::move(subject), actor ? std::move(*actor) : std::string(), role,
                         part, std::move(reason), at});
    }
    return found;
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into accesses (id, subject, sequence, actor_enc, role, part, reason, at, previous_hash, hash) "
    "values (:id, :subject, :sequence, :actor_enc, :role, :part, :reason, :at, :previous_hash, :hash)";
void append(Transaction& tx, const FieldCipher& cipher, std::span<const Access> rows) {
    const auto& secrets = cipher.keys().service();
    std::map<SubjectId, std::vector<const Access*>> by_subject;
    for (const auto& row : rows)
        by_subject[row.subject].push_back(&row);
    for (const auto& [subject, added] : by_subject) {
        auto head = lock_chain_head(tx, secrets, Ledger::accesses, subject);
        for (const auto* row : added) {
            const auto sealed = cipher.encrypt_system(actor_address(row->id), row->actor);
            const auto previous_hash = head.hash;
            ++head.count;
            // What the chain covers, in this order for ever.
            const std::vector<std::string> fields{row->id.text(),
                                                  row->subject.text(),
                                                  sealed,
                                                  std::string(key_of(row->role)),
                                                  std::string(key_of(row->part)),
                                                  row->reason,
                                                  std::to_string(microseconds_of(row->at))};
            head.hash = make_link(std::to_string(head.count), previous_hash, fields);
            tx.execute(insert_sql, row->id, row->subject, head.count, sealed, row->role, row->part,
                       row->reason, row->at, previous_hash, head.hash);
        }
        store_chain_head(tx, secrets, Ledger::accesses, subject, head);
    }
}

constexpr std::string_view list_sql =
    "select id, subject, actor_enc, role, part, reason, at from accesses where subject = :subject or subject "
    "in "
    "(select id from subjects where merged_into = :account) order by at desc, id desc limit :limit";
std::vector<Access> list(Transaction& tx, const FieldCipher& cipher, const SubjectId& subject, int limit) {
    return select(tx, cipher, list_sql, subject, subject, limit);
}

constexpr std::string_view list_all_sql =
    "select id, subject, actor_enc, role, part, reason, at from accesses where at >= :since order by at "
    "desc, id desc limit :limit";
std::vector<Access> list_all(Transaction& tx, const FieldCipher& cipher, Timestamp since, int limit) {
    return select(tx, cipher, list_all_sql, since, limit);
}

// Text throughout, as in the other ledgers.
constexpr std::string_view select_chain_sql =
    "select cast(sequence as text), previous_hash, hash, id, actor_enc, role, part, reason, cast(at as text) "
    "from accesses where subject = :subject order by accesses.sequence";
std::vector<ChainRow> list_chain(Transaction& tx, const SubjectId& subject) {
    std::vector<ChainRow> chain;
    for (auto& [sequence, previous_hash, hash, id, actor, role, part, reason, at] :
         tx.rows<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                 std::string, std::string>(select_chain_sql, subject))
        chain.push_back({std::move(sequence),
                         std::move(previous_hash),
                         std::move(hash),
                         {std::move(id), subject.text(), std::move(actor), std::move(role), std::move(part),
                          std::move(reason), std::move(at)}});
    return chain;
}

std::vector<LedgerBreak> verify(Transaction& tx, const ServiceSecrets& secrets, const SubjectId& subject) {
    return verify_chain(tx, secrets, Ledger::accesses, subject, list_chain(tx, subject));
}

constexpr std::string_view chains_sql =
    "select subject from ledger_heads where ledger = 'accesses' union select subject from accesses "
    "union select subject from checkpoint_heads where ledger = 'accesses'";
std::vector<LedgerBreak> verify_all(Transaction& tx, const ServiceSecrets& secrets) {
    std::vector<LedgerBreak> breaks;
    for (const auto& [subject] : tx.rows<SubjectId>(chains_sql))
        std::ranges::move(verify(tx, secrets, subject), std::back_inserter(breaks));
    return breaks;
}

}  // namespace calyptenora::storage::accesses
