#pragma once

#include "settings/settings.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"

#include <calyptenora/result.hpp>

/// A backup that is restored brings back what people have stopped since it was made. Their tombstones stand
/// in the key store, and what they say is done again before anything is served.
namespace calyptenora::platform {

/// How much of it was lost, and has been done again.
struct Reapplied {
    int withdrawals = 0;
    int objections = 0;
    int restrictions = 0;
    int erasures = 0;
    int privacy_controls = 0;

    bool operator==(const Reapplied&) const = default;
};

/// Compares the data with the tombstones and mends what is missing; on data that were never restored there is
/// nothing to do. Where an erasure had not been confirmed by every recipient, it becomes a request again, and
/// the recipients are asked anew. Blocks: at start, before there is anything to serve. May be repeated.
Result<Reapplied> reapply_tombstones(storage::Database& database, const storage::FieldCipher& cipher,
                                     const storage::Clock& clock, const settings::Retention& retention);

}  // namespace calyptenora::platform
