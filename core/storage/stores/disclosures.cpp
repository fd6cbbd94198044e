#include "storage/stores/disclosures.hpp"

#include "storage/category_list.hpp"

#include <map>
#include <stdexcept>

namespace calyptenora::storage::disclosures {
namespace {

/// What names no category was altered, and is not to be passed over.
CategoryMask parse_intact_list(std::string_view list) {
    CategoryMask categories;
    while (!list.empty()) {
        const auto key = list.substr(0, list.find(','));
        const auto category = find_term<Category>(key);
        if (!category)
            throw std::out_of_range(
                "a disclosure names an unknown category; run `calyptenora ledger verify`");
        categories |= *category;
        list.remove_prefix(std::min(list.size(), key.size() + 1));
    }
    return categories;
}

/// What the chain covers, in this order for ever.
std::vector<std::string> fields_of(const Disclosure& row) {
    return {row.id.text(),
            row.subject.text(),
            std::string(key_of(row.kind)),
            row.call_id.text(),
            row.instance,
            row.recipient,
            std::string(key_of(row.purpose)),
            row.operation,
            make_category_list(row.categories),
            row.host,
            row.commitment,
            row.outcome,
            std::to_string(microseconds_of(row.at))};
}

template <class... Args>
std::vector<Disclosure> select(Transaction& tx, std::string_view sql, const Args&... args) {
    std::vector<Disclosure> found;
    for (auto& row :
         tx.rows<DisclosureId, SubjectId, DisclosureKind, CallId, std::string, std::string, Purpose,
                 std::string, std::string, std::string, std::string, std::string, Timestamp>(sql, args...)) {
        auto& [id, subject, kind, call, instance, recipient, purpose, operation, categories, host, commitment,
               outcome, at] = row;
        found.push_back({std::move(id), std::move(subject), kind, std::move(call), std::move(instance),
                         std::move(recipient), purpose, std::move(operation), parse_intact_list(categories),
                         std::move(host), std::move(commitment), std::move(outcome), at});
    }
    return found;
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into disclosures (id, subject, sequence, kind, call_id, instance, recipient, purpose, operation, "
    "categories, "
    "host, commitment, outcome, at, previous_hash, hash) values (:id, :subject, :sequence, :kind, :call_id, "
    ":instance, "
    ":recipient, :purpose, :operation, :categories, :host, :commitment, :outcome, :at, :previous_hash, "
    ":hash)";
void append(Transaction& tx, const ServiceSecrets& secrets, std::span<const Disclosure> rows) {
    std::map<SubjectId, std::vector<const Disclosure*>> by_subject;
    for (const auto& row : rows)
        by_subject[row.subject].push_back(&row);
    for (const auto& [subject, added] : by_subject) {
        auto head = lock_chain_head(tx, secrets, Ledger::disclosures, subject);
        for (const auto* row : added) {
            const auto previous_hash = head.hash;
            ++head.count;
            head.hash = make_link(std::to_string(head.count), previous_hash, fields_of(*row));
            tx.execute(insert_sql, row->id, row->subject, head.count, row->kind, row->call_id, row->instance,
                       row->recipient, row->purpose, row->operation, make_category_list(row->categories),
                       row->host, row->commitment, row->outcome, row->at, previous_hash, head.hash);
        }
        store_chain_head(tx, secrets, Ledger::disclosures, subject, head);
    }
}

constexpr std::string_view list_sql =
    "select id, subject, kind, call_id, instance, recipient, purpose, operation, categories, host, "
    "commitment, outcome, "
    "at from disclosures where subject = :subject order by sequence desc limit :limit";
std::vector<Disclosure> list(Transaction& tx, const SubjectId& subject, int limit) {
    return select(tx, list_sql, subject, limit);
}

constexpr std::string_view list_call_sql =
    "select id, subject, kind, call_id, instance, recipient, purpose, operation, categories, host, "
    "commitment, outcome, "
    "at from disclosures where call_id = :call_id order by subject, sequence";
std::vector<Disclosure> list_call(Transaction& tx, const CallId& call) {
    return select(tx, list_call_sql, call);
}

constexpr std::string_view list_recipients_sql =
    "select instance, max(recipient), count(*), max(at) from disclosures where subject = :subject and kind = "
    "'attempted' and instance not like 'authority/%' group by instance order by instance";
std::vector<Recipient> list_recipients(Transaction& tx, const SubjectId& subject) {
    std::vector<Recipient> recipients;
    for (auto& [instance, recipient, attempts, last_at] :
         tx.rows<std::string, std::string, long long, Timestamp>(list_recipients_sql, subject))
        recipients.push_back({std::move(instance), std::move(recipient), attempts, last_at});
    return recipients;
}

constexpr std::string_view list_sent_sql =
    "select id, subject, kind, call_id, instance, recipient, purpose, operation, categories, host, "
    "commitment, outcome, "
    "at from disclosures where (subject = :subject or subject in (select id from subjects where merged_into "
    "= "
    ":account)) and kind = 'attempted' and (:any = '' or instance = :instance) order by at desc, id desc "
    "limit :limit offset :offset";
std::vector<Disclosure> list_sent(Transaction& tx, const SubjectId& subject, std::string_view instance,
                                  int limit, int offset) {
    return select(tx, list_sent_sql, subject, subject, instance, instance, limit, offset);
}

constexpr std::string_view list_all_recipients_sql =
    "select instance, max(recipient), count(*), max(at) from disclosures where (subject = :subject or "
    "subject "
    "in (select id from subjects where merged_into = :account)) and kind = 'attempted' group by instance "
    "order by instance";
std::vector<Recipient> list_all_recipients(Transaction& tx, const SubjectId& subject) {
    std::vector<Recipient> recipients;
    for (auto& [instance, recipient, attempts, last_at] :
         tx.rows<std::string, std::string, long long, Timestamp>(list_all_recipients_sql, subject, subject))
        recipients.push_back({std::move(instance), std::move(recipient), attempts, last_at});
    return recipients;
}

constexpr std::string_view list_unsettled_sql =
    "select id, subject, kind, call_id, instance, recipient, purpose, operation, categories, host, "
    "commitment, outcome, "
    "at from disclosures d where kind = 'attempted' and at < :before and not exists (select 1 from "
    "disclosures o "
    "where o.call_id = d.call_id and o.subject = d.subject and o.kind = 'outcome') order by id limit :limit";
std::vector<Disclosure> list_unsettled(Transaction& tx, Timestamp before, int limit) {
    return select(tx, list_unsettled_sql, before, limit);
}

// Text throughout, so that verification also meets values that no number and no enumeration has. PostgreSQL
// would sort by the text if the column were not named with its table.
constexpr std::string_view select_chain_sql =
    "select cast(sequence as text), previous_hash, hash, id, kind, call_id, instance, recipient, purpose, "
    "operation, "
    "categories, host, commitment, outcome, cast(at as text) from disclosures where subject = :subject "
    "order by disclosures.sequence";
std::vector<ChainRow> list_chain(Transaction& tx, const SubjectId& subject) {
    std::vector<ChainRow> chain;
    for (auto& row : tx.rows<std::string, std::string, std::string, std::string, std::string, std::string,
                             std::string, std::string, std::string, std::string, std::string, std::string,
                             std::string, std::string, std::string>(select_chain_sql, subject)) {
        auto& [sequence, previous_hash, hash, id, kind, call, instance, recipient, purpose, operation,
               categories, host, commitment, outcome, at] = row;
        chain.push_back(
            {std::move(sequence),
             std::move(previous_hash),
             std::move(hash),
             {std::move(id), subject.text(), std::move(kind), std::move(call), std::move(instance),
              std::move(recipient), std::move(purpose), std::move(operation), std::move(categories),
              std::move(host), std::move(commitment), std::move(outcome), std::move(at)}});
    }
    return chain;
}

std::vector<LedgerBreak> verify(Transaction& tx, const ServiceSecrets& secrets, const SubjectId& subject) {
    return verify_chain(tx, secrets, Ledger::disclosures, subject, list_chain(tx, subject));
}

constexpr std::string_view chains_sql =
    "select subject from ledger_heads where ledger = 'disclosures' union select subject from disclosures "
    "union select subject from checkpoint_heads where ledger = 'disclosures'";
std::vector<LedgerBreak> verify_all(Transaction& tx, const ServiceSecrets& secrets) {
    std::vector<LedgerBreak> breaks;
    for (const auto& [subject] : tx.rows<SubjectId>(chains_sql))
        std::ranges::move(verify(tx, secrets, subject), std::back_inserter(breaks));
    return breaks;
}

}  // namespace calyptenora::storage::disclosures
