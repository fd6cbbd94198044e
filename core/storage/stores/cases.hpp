#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Support cases and their messages; what people wrote is encrypted under the learner's key. Caller:
/// platform.
namespace calyptenora::storage {

enum class CaseState : unsigned char { open, answered, closed };
BOOST_DESCRIBE_ENUM(CaseState, open, answered, closed)

struct Case {
    CaseId id;
    LearnerId learner;
    /// The support instance.
    std::string instance;
    /// Empty once the learner is erased.
    std::string subject_line;
    CaseState state = CaseState::open;
    /// Unguessable; the reply address contains it.
    std::string alias;
    Timestamp created_at;
    Timestamp updated_at;
};

enum class Author : unsigned char { learner, support };
BOOST_DESCRIBE_ENUM(Author, learner, support)

struct CaseMessage {
    MessageId id;
    CaseId case_id;
    Author author;
    std::string body;
    /// The id that the message has elsewhere (Message-ID); unique within the case.
    std::optional<std::string> external_id;
    Timestamp at;
};

namespace cases {

/// 130 random bits in lower-case letters and digits, as the local part of an address takes them.
std::string make_alias();

Status insert(Transaction& tx, const FieldCipher& cipher, const Case& opened);
std::optional<Case> find(Transaction& tx, const FieldCipher& cipher, const CaseId& id);
std::optional<Case> find_by_alias(Transaction& tx, const FieldCipher& cipher, std::string_view alias);
/// Last changed first.
std::vector<Case> list(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner);
bool set_state(Transaction& tx, const CaseId& id, CaseState state, Timestamp now);
/// Its learner has looked at it.
void note_seen(Transaction& tx, const CaseId& id, Timestamp now);

/// Whether the message is new; one with a known external id is left alone.
enum class Added : unsigned char { now, before };
/// Sets the state (`answered` after support, `open` after the learner). `not_found` without such a case.
Result<Added> add_message(Transaction& tx, const FieldCipher& cipher, const CaseMessage& message);
/// Oldest first. `not_found` if the learner is erased.
Result<std::vector<CaseMessage>> list_messages(Transaction& tx, const FieldCipher& cipher, const CaseId& id);

}  // namespace cases
}  // namespace calyptenora::storage
