#pragma once

#include "storage/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What was deleted because its time had come: a chain of rows that says nothing about people. Caller:
/// platform/housekeeping.
namespace calyptenora::storage {

struct DeletionProof {
    std::int64_t sequence = 0;  ///< From 1.
    Timestamp at;
    std::string category;  ///< As `retention plan` names it.
    std::string rule;      ///< In words, with the lengths of time that were in force.
    std::int64_t deleted = 0;
    std::string previous_hash;
    std::string hash;  ///< Over all before it.
};

namespace deletion_proofs {

void append(Transaction& tx, std::string_view category, std::string_view rule, std::int64_t deleted,
            Timestamp now);
/// Newest first.
std::vector<DeletionProof> list(Transaction& tx, int limit);
/// The number of the first row that is not as it was written, or that does not follow the one before it.
std::optional<std::int64_t> find_break(Transaction& tx);

}  // namespace deletion_proofs
}  // namespace calyptenora::storage
