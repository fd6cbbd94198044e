#pragma once

#include "gate/personal.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/accesses.hpp"

#include <calyptenora/result.hpp>

#include <span>
#include <string>

/// The way of the staff to a person's data: through the access log.
namespace calyptenora::gate {

/// What somebody of the staff says of themselves and of what they want.
struct Opening {
    std::string actor;  ///< As in storage::Access.
    storage::Role role{};
    storage::AccessedPart part{};
    std::string reason;
};

class AccessLog {
  public:
    /// `invalid_input` without a reason. To be asked before it is looked whether there is such a person.
    static Status check(const Opening& opening);
    /// Writes down who opens what of these people's, and why; only with what this yields can a Personal be
    /// shown to staff. Nothing may be shown before the transaction is committed. `invalid_input`, with
    /// nothing written, without a reason.
    static Result<ForStaff> open(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                 storage::Timestamp now, const Opening& opening,
                                 std::span<const storage::SubjectId> whose);
};

}  // namespace calyptenora::gate
