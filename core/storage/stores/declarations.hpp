#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What people declared about contracts by button: cancellations (section 312k BGB) and withdrawals (section
/// 356a BGB). What they wrote is encrypted under their key. Caller: platform.
namespace calyptenora::storage {

using DeclarationId = Id<struct DeclarationTag>;

enum class DeclarationKind : unsigned char { cancellation, withdrawal };
BOOST_DESCRIBE_ENUM(DeclarationKind, cancellation, withdrawal)

struct Declaration {
    DeclarationId id;
    DeclarationKind kind;
    /// Unguessable; the address of the confirmation contains it.
    std::string alias;
    /// The learner, or a guest who exists for this declaration.
    SubjectId subject;
    /// The order that was named by its number, whoever named it.
    std::optional<OrderId> order_id;
    /// `de` or `en`.
    std::string language;
    /// JSON of what was written; empty once the subject is erased.
    std::string details;
    Timestamp received_at;
};

namespace declarations {

/// `not_found` if the subject has no key.
Status insert(Transaction& tx, const FieldCipher& cipher, const Declaration& declaration);
std::optional<Declaration> find_by_alias(Transaction& tx, const FieldCipher& cipher, std::string_view alias);
/// One subject's own, oldest first.
std::vector<Declaration> list_of(Transaction& tx, const FieldCipher& cipher, const SubjectId& subject);
/// Newest first.
std::vector<Declaration> list(Transaction& tx, const FieldCipher& cipher, int limit);

}  // namespace declarations
}  // namespace calyptenora::storage
