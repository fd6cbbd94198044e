#include "storage/stores/ledger_chain.hpp"

#include "storage/text.hpp"

#include <fmt/format.h>
#include <sodium.h>

namespace calyptenora::storage {
namespace {

std::string make_seal(const ServiceSecrets& secrets, Ledger ledger, const SubjectId& subject,
                      const ChainHead& head) {
    const auto text = fmt::format("{} {} {} {}", key_of(ledger), subject.text(), head.count, head.hash);
    std::array<unsigned char, 32> code;
    crypto_generichash(code.data(), code.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), secrets.ledger_seal.data(), SecretKey::size);
    return make_hex(code);
}

constexpr std::string_view find_head_sql =
    "select count, hash, seal from ledger_heads where ledger = :ledger and subject = :subject";

}  // namespace

std::string make_link(std::int64_t sequence, std::string_view previous_hash,
                      std::span<const std::string> fields) {
    auto text = fmt::format("{} {}:{}", sequence, previous_hash.size(), previous_hash);
    for (const auto& field : fields)
        fmt::format_to(std::back_inserter(text), " {}:{}", field.size(), field);
    return make_content_hash(text);
}

constexpr std::string_view insert_head_sql =
    "insert into ledger_heads (ledger, subject, count, hash, seal) values (:ledger, :subject, 0, '', '') "
    "on conflict (ledger, subject) do nothing";
ChainHead lock_chain_head(Transaction& tx, Ledger ledger, const SubjectId& subject) {
    const auto sql = std::string(find_head_sql).append(lock_rows(tx.dialect()));
    auto row = tx.find<std::int64_t, std::string, std::string>(sql, ledger, subject);
    if (!row) {
        // Two first writers meet at the insert; the second then waits for the lock.
        tx.execute(insert_head_sql, ledger, subject);
        row = tx.find<std::int64_t, std::string, std::string>(sql, ledger, subject);
    }
    auto& [count, hash, seal] = row.value();
    return {count, std::move(hash)};
}

constexpr std::string_view update_head_sql =
    "update ledger_heads set count = :count, hash = :hash, seal = :seal where ledger = :ledger and subject = "
    ":subject";
void store_chain_head(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger, const SubjectId& subject,
                      const ChainHead& head) {
    tx.execute(update_head_sql, head.count, head.hash, make_seal(secrets, ledger, subject, head), ledger,
               subject);
}

std::vector<LedgerBreak> verify_chain(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                                      const SubjectId& subject, std::span<const ChainRow> rows) {
    std::vector<LedgerBreak> breaks;
    const auto report = [&](std::int64_t sequence, std::string what) {
        breaks.push_back({ledger, subject, sequence, std::move(what)});
    };
    ChainHead walked;
    for (const auto& row : rows) {
        for (auto gone = walked.count + 1; gone < row.sequence; ++gone)
            report(gone, "missing");
        const bool follows = row.sequence == walked.count + 1;
        if (row.hash != make_link(row.sequence, row.previous_hash, row.fields))
            report(row.sequence, "altered");
        else if (follows && row.previous_hash != walked.hash)
            report(row.sequence, "out of order");
        walked = {row.sequence, row.hash};
    }

    const auto head = tx.find<std::int64_t, std::string, std::string>(find_head_sql, ledger, subject);
    if (!head) {
        if (!rows.empty())
            report(0, "head missing");
        return breaks;
    }
    const auto& [count, hash, seal] = *head;
    if (seal != make_seal(secrets, ledger, subject, {count, hash}))
        report(0, "head altered");
    else if (count > walked.count)
        report(walked.count + 1, "cut off");
    else if (count < walked.count || hash != walked.hash)
        report(0, "head altered");
    return breaks;
}

}  // namespace calyptenora::storage
