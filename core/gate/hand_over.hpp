#pragma once

#include "storage/field_cipher.hpp"
#include "storage/stores/disclosures.hpp"

#include <calyptenora/result.hpp>

#include <string>

/// The one way out that no plugin has a part in: what staff hand to an authority because a law demands it
/// (Art. 6(1)(c) GDPR).
namespace calyptenora::gate {

inline constexpr std::string_view hand_over_operation = "authority.hand_over";

struct HandOver {
    storage::SubjectId subject;  ///< In whose chain it is written.
    std::string demand;          ///< Its id.
    std::string authority;
    CategoryMask categories;  ///< Of which there is something in the file.
    std::string digest;       ///< SHA-256 of the file.
};

/// Writes it down in the disclosure ledger; the file may be handed over once the transaction is committed.
///
/// decide() is not asked, since nothing of what it weighs stops a legal obligation: a withdrawal ends what
/// rests on consent (Art. 7(3) GDPR), an objection what rests on Art. 6(1)(e) and (f) (Art. 21(1)), and
/// restricted data may be used for important public interests (Art. 18(2)). What was erased is not there any
/// more.
Result<storage::CallId> record_hand_over(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                         storage::Timestamp now, const HandOver& handed);

}  // namespace calyptenora::gate
