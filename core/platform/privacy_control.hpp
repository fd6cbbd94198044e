#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

namespace calyptenora::platform {

/// Remembers that a person's browser sent Global Privacy Control; what is off by that stays off, also in a
/// restored backup.
Status note_privacy_control(storage::Transaction& tx, const storage::FieldCipher& cipher,
                            const storage::SubjectId& subject, storage::Timestamp now);

}  // namespace calyptenora::platform
