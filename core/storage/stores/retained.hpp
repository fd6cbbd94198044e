#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What law demands to keep of somebody who is erased (Art. 17(3) GDPR): out of reach of everything else,
/// under a key of its own for each person, ground and end date, which goes when the date has come. Caller:
/// platform.
namespace calyptenora::storage {

using RetainedId = Id<struct RetainedTag>;

struct RetainedRecord {
    RetainedId id;
    SubjectId subject;
    /// `booking_voucher`, `business_letter`: a key of platform/rights/retention.
    std::string ground;
    /// The last day on which it is kept, ISO 8601.
    std::string until;
    /// The table that it comes from.
    std::string what;
    Timestamp created_at;
};

namespace retained {

/// Encrypts the document (JSON) and keeps it. The key store is written, too; what remains of it after a
/// transaction that fails is a key of nothing.
Status keep(Transaction& tx, const FieldCipher& cipher, const RetainedRecord& record,
            std::string_view document);

std::vector<RetainedRecord> list(Transaction& tx, const SubjectId& subject);
/// Whose last day was before `today` (ISO 8601), oldest first.
std::vector<RetainedRecord> list_over(Transaction& tx, std::string_view today, int limit);
/// `not_found` for one that is not there any more.
Result<std::string> load_document(Transaction& tx, const FieldCipher& cipher, const RetainedId& id);

/// Deletes the record, and its key with the last record that was under it.
Status remove(Transaction& tx, const FieldCipher& cipher, const RetainedId& id);

}  // namespace retained
}  // namespace calyptenora::storage
