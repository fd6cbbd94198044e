#pragma once

#include "settings/settings.hpp"
#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>

/// The platform's own part of an erasure (Art. 17 GDPR): what it deletes, what law makes it keep.
namespace calyptenora::platform {

/// What became of the platform's own records.
struct OwnErasure {
    std::string summary;                        ///< What went from where, for the staff.
    std::optional<std::string> retained_until;  ///< The last day of what is kept, ISO 8601.
};

/// Moves booking vouchers (orders for which money has come, with the buyer and what the bank said; section
/// 147 AO) and business letters (cancellations and withdrawals) out of reach, each under a key of its own and
/// for the years of the settings, and deletes the rest but what recipients know the person by. Can be
/// repeated.
Result<OwnErasure> erase_own_records(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                     const storage::LearnerId& learner, const settings::Retention& retention,
                                     storage::Timestamp now);

/// When all recipients are done: name, address and key go, and with them whatever is left in backups.
Status destroy_identity(storage::Transaction& tx, const storage::FieldCipher& cipher,
                        const storage::LearnerId& learner);

}  // namespace calyptenora::platform
