#pragma once

#include "storage/key_store.hpp"

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <optional>
#include <string>
#include <vector>

/// What a restored backup of the data must not forget: who has withdrawn, objected, been restricted or
/// erased, or sent Global Privacy Control. Tombstones stand in the key store, which no backup of the data
/// holds, and are put there before the change itself is committed: one without its change does no harm, a
/// change without it could be lost. Callers: gate, platform (both also apply them again, see
/// platform/rights/restored).
namespace calyptenora::storage {

enum class TombstoneKind : unsigned char {
    withdrawal,           ///< Or a refusal.
    guardian_withdrawal,  ///< The guardian's of a minor.
    objection,
    restriction,
    erasure,
    privacy_control,  ///< The browser sent `Sec-GPC: 1`.
};
BOOST_DESCRIBE_ENUM(TombstoneKind, withdrawal, guardian_withdrawal, objection, restriction, erasure,
                    privacy_control)

struct Tombstone {
    SubjectId subject;
    TombstoneKind kind{};
    /// `family/name` and purpose of the flow that was closed; empty where it is not about one.
    std::string instance = {};
    std::optional<Purpose> purpose = {};
    Timestamp at;
};

namespace tombstones {

/// Replaces those of the same subject, kind and flow. Blocks on the key store, as KeyStore says.
Status put(KeyStore& keys, const std::vector<Tombstone>& tombstones);
/// What was stopped is permitted again.
Status remove(KeyStore& keys, const SubjectId& subject, TombstoneKind kind);

/// By subject.
Result<std::vector<Tombstone>> list(KeyStore& keys);
/// Deletes those from before, which no backup that still exists can lack. Returns how many.
Result<long long> sweep(KeyStore& keys, Timestamp before);

}  // namespace tombstones
}  // namespace calyptenora::storage
