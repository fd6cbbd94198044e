#include "storage/stores/checkpoints.hpp"

#include "storage/row_batch.hpp"
#include "storage/signature.hpp"
#include "storage/stores/merkle_tree.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace calyptenora::storage {
namespace {

std::string make_signed_text(std::string_view sequence, std::string_view at, std::string_view heads,
                             std::string_view root, std::string_view previous_hash) {
    return fmt::format("calyptenora ledger checkpoint\nsequence {}\nat {}\nheads {}\nroot {}\nprevious {}\n",
                       sequence, at, heads, root, previous_hash);
}

}  // namespace

std::string make_signed_text(const Checkpoint& checkpoint) {
    return make_signed_text(std::to_string(checkpoint.sequence), std::to_string(checkpoint.at),
                            std::to_string(checkpoint.heads), checkpoint.root, checkpoint.previous_hash);
}

namespace checkpoints {
namespace {

using Row = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::string, std::string, std::string>;

Checkpoint to_checkpoint(Row&& row) {
    auto& [sequence, at, heads, root, previous_hash, signature] = row;
    return {sequence, at, heads, std::move(root), std::move(previous_hash), std::move(signature)};
}

}  // namespace

constexpr std::string_view due_sql = "select subject from ledger_heads where count > covered limit 1";
bool is_due(Transaction& tx) {
    return tx.find<std::string>(due_sql).has_value();
}

constexpr std::string_view count_due_sql = "select count(*) from ledger_heads where count > covered";
std::int64_t count_due(Transaction& tx) {
    return std::get<0>(*tx.find<std::int64_t>(count_due_sql));
}

constexpr std::string_view newest_sql =
    "select sequence, at, heads, root, previous_hash, signature from ledger_checkpoints "
    "order by sequence desc limit 1";
std::optional<Checkpoint> find_newest(Transaction& tx) {
    auto row =
        tx.find<std::int64_t, std::int64_t, std::int64_t, std::string, std::string, std::string>(newest_sql);
    if (!row)
        return std::nullopt;
    return to_checkpoint(std::move(*row));
}

constexpr std::string_view last_entry_sql = "select coalesce(max(checkpoint), 0) from checkpoint_heads";
constexpr std::string_view insert_sql =
    "insert into ledger_checkpoints (sequence, at, heads, root, previous_hash, signature) "
    "values (:sequence, :at, :heads, :root, :previous_hash, :signature)";
std::optional<Checkpoint> take(Transaction& tx, const ServiceSecrets& secrets, Timestamp now, int limit) {
    if (const auto lock = lock_checkpoints(tx.dialect()); !lock.empty())
        tx.execute_script(lock);
    Checkpoint next;
    next.at = microseconds_of(now);
    // A number that entries know already is not given twice: where a checkpoint was removed, a gap stays.
    next.sequence = std::get<0>(*tx.find<std::int64_t>(last_entry_sql)) + 1;
    if (const auto before = find_newest(tx)) {
        next.sequence = std::max(next.sequence, before->sequence + 1);
        next.previous_hash = make_content_hash(make_signed_text(*before));
    }

    auto uncovered = lock_uncovered_heads(tx, secrets, limit);
    cover_chain_heads(tx, secrets, uncovered);
    std::vector<std::string> leaves;
    RowBatch entries("checkpoint_heads", "checkpoint, ledger, subject, count, hash, leaf");
    for (const auto& [ledger, subject, head] : uncovered) {
        if (!head.is_sealed)
            continue;
        CheckpointEntry entry{std::to_string(next.sequence),
                              std::string(key_of(ledger)),
                              subject.text(),
                              std::to_string(head.count),
                              head.hash,
                              {}};
        leaves.push_back(make_leaf(make_leaf_salt(secrets, entry), entry));
        entries.add(next.sequence, ledger, subject, head.count, head.hash, leaves.back());
    }
    entries.write(tx);
    if (leaves.empty())
        return std::nullopt;
    std::ranges::sort(leaves);
    next.heads = static_cast<std::int64_t>(leaves.size());
    next.root = make_merkle_root(leaves);
    next.signature = make_signature(secrets.ledger_signing, make_signed_text(next));
    tx.execute(insert_sql, next.sequence, next.at, next.heads, next.root, next.previous_hash, next.signature);
    return next;
}

constexpr std::string_view list_sql =
    "select sequence, at, heads, root, previous_hash, signature from ledger_checkpoints "
    "where sequence > :after order by sequence";
std::vector<Checkpoint> list(Transaction& tx, std::int64_t after) {
    std::vector<Checkpoint> found;
    for (auto& row : tx.rows<std::int64_t, std::int64_t, std::int64_t, std::string, std::string, std::string>(
             list_sql, after))
        found.push_back(to_checkpoint(std::move(row)));
    return found;
}

constexpr std::string_view find_sql =
    "select sequence, at, heads, root, previous_hash, signature from ledger_checkpoints "
    "where sequence = :sequence";
std::optional<Checkpoint> find(Transaction& tx, std::int64_t sequence) {
    auto row = tx.find<std::int64_t, std::int64_t, std::int64_t, std::string, std::string, std::string>(
        find_sql, sequence);
    if (!row)
        return std::nullopt;
    return to_checkpoint(std::move(*row));
}

constexpr std::string_view newest_entry_sql =
    "select checkpoint, count, hash, leaf from checkpoint_heads where ledger = :ledger and subject = "
    ":subject "
    "order by count desc limit 1";
constexpr std::string_view list_leaves_sql =
    "select leaf from checkpoint_heads where checkpoint = :checkpoint";
std::optional<Inclusion> find_inclusion(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                                        const SubjectId& subject) {
    auto row =
        tx.find<std::int64_t, std::int64_t, std::string, std::string>(newest_entry_sql, ledger, subject);
    if (!row)
        return std::nullopt;
    auto& [number, count, hash, leaf] = *row;
    auto checkpoint = find(tx, number);
    if (!checkpoint)
        return std::nullopt;
    std::vector<std::string> leaves;
    for (auto& [other] : tx.rows<std::string>(list_leaves_sql, number))
        leaves.push_back(std::move(other));
    std::ranges::sort(leaves);
    const auto index = static_cast<std::size_t>(std::ranges::lower_bound(leaves, leaf) - leaves.begin());
    auto salt = make_leaf_salt(secrets, {std::to_string(number), std::string(key_of(ledger)), subject.text(),
                                         std::to_string(count), hash, leaf});
    return Inclusion{std::move(*checkpoint),
                     count,
                     std::move(hash),
                     std::move(salt),
                     static_cast<std::int64_t>(index),
                     make_merkle_path(leaves, index)};
}

// Text throughout, so that verification also meets what is no number; sorted by the numbers (consents.cpp).
constexpr std::string_view verify_sql =
    "select cast(sequence as text), cast(at as text), cast(heads as text), root, previous_hash, signature "
    "from ledger_checkpoints order by ledger_checkpoints.sequence";
constexpr std::string_view verify_entries_sql =
    "select cast(checkpoint as text), ledger, subject, cast(count as text), hash, leaf from checkpoint_heads "
    "order by checkpoint_heads.checkpoint";
std::vector<CheckpointBreak> verify(Transaction& tx, const ServiceSecrets& secrets) {
    std::vector<CheckpointBreak> breaks;
    const auto report = [&](std::int64_t checkpoint, std::string what, std::string entry = {}) {
        breaks.push_back({checkpoint, std::move(entry), std::move(what)});
    };

    struct Promise {
        std::string heads;
        std::string root;
    };
    // Of checkpoints that are as they were signed.
    std::map<std::string, Promise, std::less<>> promises;
    std::map<std::string, bool, std::less<>> known;
    const auto public_key = make_public_key(secrets.ledger_signing);
    std::int64_t last = 0;
    std::string last_hash;
    tx.each<std::string, std::string, std::string, std::string, std::string, std::string>(
        verify_sql,
        [&](const std::string& sequence, const std::string& at, const std::string& heads,
            const std::string& root, const std::string& previous_hash, const std::string& signature) {
            const auto number = leading_number(sequence);
            report_gap(last + 1, number, [&](std::int64_t gone) { report(gone, "missing"); });
            const auto text = make_signed_text(sequence, at, heads, root, previous_hash);
            const bool follows = number == last + 1 && (number == 1 || !last_hash.empty());
            known[sequence] = true;
            if (!is_signed_by(public_key, text, signature)) {
                report(number, "altered");
                last_hash.clear();
            } else {
                if (follows && previous_hash != last_hash)
                    report(number, "out of order");
                promises[sequence] = {heads, root};
                last_hash = make_content_hash(text);
            }
            last = std::max(last, number);
        });

    struct Batch {
        std::string checkpoint;
        std::vector<std::string> leaves;
        bool is_vouched = false;  ///< At least one entry is ours.
        bool is_altered = false;
    } batch;
    const auto finish = [&] {
        if (batch.checkpoint.empty())
            return;
        const auto number = leading_number(batch.checkpoint);
        const auto promise = promises.find(batch.checkpoint);
        if (promise == promises.end()) {
            // Gaps were reported above.
            if (!known.contains(batch.checkpoint) && batch.is_vouched && number > last)
                report(number, "missing");
            return;
        }
        const auto heads = std::to_string(batch.leaves.size());
        std::ranges::sort(batch.leaves);
        if (heads != promise->second.heads)
            report(number,
                   static_cast<std::int64_t>(batch.leaves.size()) < leading_number(promise->second.heads)
                       ? "an entry is missing"
                       : "an entry too many");
        else if (!batch.is_altered && make_merkle_root(batch.leaves) != promise->second.root)
            report(number, "other entries");
        promises.erase(promise);
    };
    tx.each<std::string, std::string, std::string, std::string, std::string, std::string>(
        verify_entries_sql,
        [&](const std::string& checkpoint, const std::string& ledger, const std::string& subject,
            const std::string& count, const std::string& hash, const std::string& leaf) {
            if (checkpoint != batch.checkpoint) {
                finish();
                batch = Batch();
                batch.checkpoint = checkpoint;
            }
            const CheckpointEntry entry{checkpoint, ledger, subject, count, hash, leaf};
            const bool is_ours = leaf == make_leaf(make_leaf_salt(secrets, entry), entry);
            if (!is_ours)
                report(leading_number(checkpoint), "altered",
                       fmt::format("{} {} {}", ledger, subject, count));
            (is_ours ? batch.is_vouched : batch.is_altered) = true;
            batch.leaves.push_back(leaf);
        });
    finish();
    for (const auto& [sequence, promise] : promises)
        report(leading_number(sequence), "an entry is missing");
    return breaks;
}

}  // namespace checkpoints
}  // namespace calyptenora::storage
