#pragma once

#include "storage/transaction.hpp"

#include <string_view>
#include <vector>

/// Erasure (Art. 17 GDPR): what goes when a person is erased, in two steps, since the recipients who are told
/// of it must still know whom it is about. A test compares both with the inventory. Caller: platform.
namespace calyptenora::storage::erasure {

/// How many rows went from a table.
struct Deleted {
    std::string_view table;
    long long rows = 0;
};

/// Everything but the name, the address, the key and who the guests were: afterwards nobody can sign in, and
/// nothing is decided for this person any more but what the law demands. The ledgers stay as proof. What has
/// to be kept, the caller has copied to `retained` before, in the same transaction.
std::vector<Deleted> erase_records(Transaction& tx, const SubjectId& subject, Timestamp now);

/// Name and address, what the person wrote in requests, and which guests were theirs. The caller then
/// destroys the keys.
void erase_identifiers(Transaction& tx, const SubjectId& subject);

/// The guests who have become this account: they are the same person.
std::vector<SubjectId> list_guests(Transaction& tx, const SubjectId& account);

}  // namespace calyptenora::storage::erasure
