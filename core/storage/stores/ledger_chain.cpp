#include "storage/stores/ledger_chain.hpp"

#include "storage/row_batch.hpp"
#include "storage/stores/population.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace calyptenora::storage {
namespace {

std::string keyed_hash(const SecretKey& key, std::string_view text) {
    std::array<unsigned char, 32> code;
    crypto_generichash(code.data(), code.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), key.data(), SecretKey::size);
    return make_hex(code);
}

/// Numbers as text, as the database gives them. A head that no checkpoint covers is sealed as it was before
/// there were checkpoints.
std::string make_seal(const ServiceSecrets& secrets, Ledger ledger, std::string_view subject,
                      std::string_view count, std::string_view hash, std::string_view covered) {
    const auto prefix = covered == "0" ? std::string() : fmt::format("covered {} ", covered);
    return keyed_hash(secrets.ledger_seal,
                      fmt::format("{}{} {} {} {}", prefix, key_of(ledger), subject, count, hash));
}

std::string make_seal(const ServiceSecrets& secrets, Ledger ledger, const SubjectId& subject,
                      const ChainHead& head) {
    return make_seal(secrets, ledger, subject.text(), std::to_string(head.count), head.hash,
                     std::to_string(head.covered));
}

/// Instead of a seal, where there is none to give.
constexpr std::string_view broken_seal = "broken";

std::string seal_of(const ServiceSecrets& secrets, Ledger ledger, const SubjectId& subject,
                    const ChainHead& head) {
    return head.is_sealed ? make_seal(secrets, ledger, subject, head) : std::string(broken_seal);
}

}  // namespace

std::string make_link(std::string_view sequence, std::string_view previous_hash,
                      std::span<const std::string> fields) {
    auto text = fmt::format("{} {}:{}", sequence, previous_hash.size(), previous_hash);
    for (const auto& field : fields)
        fmt::format_to(std::back_inserter(text), " {}:{}", field.size(), field);
    return make_content_hash(text);
}

std::int64_t leading_number(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

constexpr std::string_view insert_head_sql =
    "insert into ledger_heads (ledger, subject, count, hash, seal) values (:ledger, :subject, 0, '', '') "
    "on conflict (ledger, subject) do nothing";
constexpr std::string_view find_head_sql =
    "select count, hash, seal, covered from ledger_heads where ledger = :ledger and subject = :subject";
constexpr std::string_view find_entry_sql =
    "select count from checkpoint_heads where ledger = :ledger and subject = :subject limit 1";
ChainHead lock_chain_head(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                          const SubjectId& subject) {
    const auto sql = std::string(find_head_sql).append(lock_rows(tx.dialect()));
    auto row = tx.find<std::int64_t, std::string, std::string, std::int64_t>(sql, ledger, subject);
    if (!row) {
        // Two first writers meet at the insert; the second then waits for the lock.
        if (tx.execute(insert_head_sql, ledger, subject) > 0) {
            ChainHead fresh;
            // Somebody removed the head of a chain that a checkpoint knows.
            fresh.is_sealed = !tx.find<std::int64_t>(find_entry_sql, ledger, subject);
            return fresh;
        }
        row = tx.find<std::int64_t, std::string, std::string, std::int64_t>(sql, ledger, subject);
    }
    auto& [count, hash, seal, covered] = row.value();
    ChainHead head{count, std::move(hash), covered, true};
    head.is_sealed = seal == make_seal(secrets, ledger, subject, head);
    return head;
}

constexpr std::string_view update_head_sql =
    "update ledger_heads set count = :count, hash = :hash, seal = :seal, covered = :covered "
    "where ledger = :ledger and subject = :subject";
void store_chain_head(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger, const SubjectId& subject,
                      const ChainHead& head) {
    tx.execute(update_head_sql, head.count, head.hash, seal_of(secrets, ledger, subject, head), head.covered,
               ledger, subject);
}

void cover_chain_heads(Transaction& tx, const ServiceSecrets& secrets, std::span<UncoveredHead> heads) {
    RowBatch rows("ledger_heads", "ledger, subject, count, hash, seal, covered",
                  "on conflict (ledger, subject) do update set seal = excluded.seal, covered = "
                  "excluded.covered");
    for (auto& [ledger, subject, head] : heads) {
        head.covered = head.count;
        rows.add(ledger, subject, head.count, head.hash, seal_of(secrets, ledger, subject, head),
                 head.covered);
    }
    rows.write(tx);
}

void insert_chain_heads(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                        std::span<const std::pair<SubjectId, ChainHead>> heads) {
    RowBatch rows("ledger_heads", "ledger, subject, count, hash, seal, covered");
    for (const auto& [subject, head] : heads)
        rows.add(ledger, subject, head.count, head.hash, make_seal(secrets, ledger, subject, head),
                 head.covered);
    rows.write(tx);
}

constexpr std::string_view uncovered_sql =
    "select ledger, subject, count, hash, seal, covered from ledger_heads where count > covered "
    "order by ledger, subject limit :limit";
std::vector<UncoveredHead> lock_uncovered_heads(Transaction& tx, const ServiceSecrets& secrets, int limit) {
    std::vector<UncoveredHead> heads;
    const auto sql = std::string(uncovered_sql).append(lock_free_rows(tx.dialect()));
    for (auto& row :
         tx.rows<Ledger, SubjectId, std::int64_t, std::string, std::string, std::int64_t>(sql, limit)) {
        auto& [ledger, subject, count, hash, seal, covered] = row;
        ChainHead head{count, std::move(hash), covered, true};
        head.is_sealed = seal == make_seal(secrets, ledger, subject, head);
        heads.push_back({ledger, std::move(subject), std::move(head)});
    }
    return heads;
}

std::string make_leaf_salt(const ServiceSecrets& secrets, const CheckpointEntry& entry) {
    return keyed_hash(secrets.ledger_salt,
                      fmt::format("{} {} {} {}", entry.checkpoint, entry.ledger, entry.subject, entry.count));
}

std::string make_leaf(std::string_view salt, const CheckpointEntry& entry) {
    return make_content_hash(fmt::format("leaf {} {} {} {} {} {}", salt, entry.checkpoint, entry.ledger,
                                         entry.subject, entry.count, entry.hash));
}

constexpr std::string_view verify_head_sql =
    "select cast(count as text), hash, seal, cast(covered as text) from ledger_heads "
    "where ledger = :ledger and subject = :subject";
constexpr std::string_view list_entries_sql =
    "select cast(checkpoint as text), cast(count as text), hash, leaf from checkpoint_heads "
    "where ledger = :ledger and subject = :subject order by checkpoint_heads.count";
std::vector<LedgerBreak> verify_chain(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                                      const SubjectId& subject, std::span<const ChainRow> rows) {
    std::vector<LedgerBreak> breaks;
    const auto report = [&](std::int64_t sequence, std::string what) {
        breaks.push_back({ledger, subject, sequence, std::move(what)});
    };
    std::int64_t last = 0;
    std::string last_hash;
    bool is_last_altered = false;
    std::map<std::int64_t, std::string_view> hashes;
    for (const auto& row : rows) {
        const auto sequence = leading_number(row.sequence);
        report_gap(last + 1, sequence, [&](std::int64_t gone) { report(gone, "missing"); });
        const bool is_altered = row.hash != make_link(row.sequence, row.previous_hash, row.fields);
        if (is_altered)
            report(sequence, "altered");
        else if (sequence == last + 1 && !is_last_altered && row.previous_hash != last_hash)
            report(sequence, "out of order");
        hashes[sequence] = row.hash;
        // What is no number stands at the end and counts as 0.
        if (sequence > last) {
            last = sequence;
            last_hash = row.hash;
            is_last_altered = is_altered;
        }
    }

    // What was altered itself is the checkpoint's break, and says nothing about rows.
    std::vector<CheckpointEntry> entries;
    for (auto& [checkpoint, count, hash, leaf] :
         tx.rows<std::string, std::string, std::string, std::string>(list_entries_sql, ledger, subject)) {
        CheckpointEntry entry{checkpoint, std::string(key_of(ledger)), subject.text(), count, hash, leaf};
        if (leaf == make_leaf(make_leaf_salt(secrets, entry), entry))
            entries.push_back(std::move(entry));
    }

    const auto head =
        tx.find<std::string, std::string, std::string, std::string>(verify_head_sql, ledger, subject);
    if (!head) {
        if (!rows.empty() || !entries.empty())
            report(0, "head missing");
    } else {
        const auto& [count_text, hash, seal, covered_text] = *head;
        const auto count = leading_number(count_text), covered = leading_number(covered_text);
        if (seal != make_seal(secrets, ledger, subject.text(), count_text, hash, covered_text))
            report(0, "head altered");
        else if (count > last)
            report(last + 1, "cut off");
        else if (count < last)
            report(last, "inserted");
        else if (hash != last_hash && breaks.empty())
            report(last, "rewritten");
        else if (covered > 0 && std::ranges::none_of(entries, [&](const CheckpointEntry& entry) {
                     return leading_number(entry.count) == covered;
                 }))
            report(covered, "not in its checkpoint");
    }
    // Where the chain itself says nothing: it was replaced or set back, with a head that fits.
    if (breaks.empty())
        for (const auto& entry : entries) {
            const auto count = leading_number(entry.count);
            if (count > last) {
                report(last + 1, "cut off");
                break;
            }
            if (const auto row = hashes.find(count); row == hashes.end() || row->second != entry.hash)
                report(count, fmt::format("not what checkpoint {} holds", entry.checkpoint));
        }
    return breaks;
}

}  // namespace calyptenora::storage
