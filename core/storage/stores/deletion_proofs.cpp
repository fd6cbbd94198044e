#include "storage/stores/deletion_proofs.hpp"

#include "storage/stores/ledger_chain.hpp"

namespace calyptenora::storage::deletion_proofs {
namespace {

std::string hash_of(const DeletionProof& proof) {
    const std::vector<std::string> fields{std::to_string(microseconds_of(proof.at)), proof.category,
                                          proof.rule, std::to_string(proof.deleted)};
    return make_link(std::to_string(proof.sequence), proof.previous_hash, fields);
}

std::vector<DeletionProof> select(Transaction& tx, std::string_view sql, const auto&... args) {
    std::vector<DeletionProof> found;
    for (auto& [sequence, at, category, rule, deleted, previous_hash, hash] :
         tx.rows<std::int64_t, Timestamp, std::string, std::string, std::int64_t, std::string, std::string>(
             sql, args...))
        found.push_back({sequence, at, std::move(category), std::move(rule), deleted,
                         std::move(previous_hash), std::move(hash)});
    return found;
}

}  // namespace

constexpr std::string_view list_sql =
    "select sequence, at, category, rule, deleted, previous_hash, hash from deletion_proofs order by "
    "sequence "
    "desc limit :limit";
std::vector<DeletionProof> list(Transaction& tx, int limit) {
    return select(tx, list_sql, limit);
}

constexpr std::string_view insert_sql =
    "insert into deletion_proofs (sequence, at, category, rule, deleted, previous_hash, hash) values "
    "(:sequence, :at, :category, :rule, :deleted, :previous_hash, :hash) on conflict (sequence) do nothing";
void append(Transaction& tx, std::string_view category, std::string_view rule, std::int64_t deleted,
            Timestamp now) {
    // Whoever was faster is seen in the next round.
    for (bool appended = false; !appended;) {
        const auto newest = list(tx, 1);
        DeletionProof proof{newest.empty() ? 1 : newest.front().sequence + 1,
                            now,
                            std::string(category),
                            std::string(rule),
                            deleted,
                            newest.empty() ? std::string() : newest.front().hash,
                            {}};
        proof.hash = hash_of(proof);
        appended = tx.execute(insert_sql, proof.sequence, proof.at, proof.category, proof.rule, proof.deleted,
                              proof.previous_hash, proof.hash) > 0;
    }
}

constexpr std::string_view chain_sql =
    "select sequence, at, category, rule, deleted, previous_hash, hash from deletion_proofs order by "
    "sequence";
std::optional<std::int64_t> find_break(Transaction& tx) {
    std::int64_t expected = 1;
    std::string before;
    for (const auto& proof : select(tx, chain_sql)) {
        if (proof.sequence != expected || proof.previous_hash != before || proof.hash != hash_of(proof))
            return expected;
        before = proof.hash;
        ++expected;
    }
    return std::nullopt;
}

}  // namespace calyptenora::storage::deletion_proofs
