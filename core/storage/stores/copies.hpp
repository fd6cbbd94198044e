#pragma once

#include "storage/stores/requests.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Copies of people's data (Art. 15 and 20 GDPR): which have been made, until when each can be fetched, and
/// what the recipients answered that goes into them. Caller: platform.
namespace calyptenora::storage {

using AnswerId = Id<struct AnswerTag>;

struct Copy {
    RequestId request;
    SubjectId subject;
    long long size = 0;  ///< Bytes of the plain file.
    Timestamp made_at;
    /// From then on it cannot be fetched any more, and its file is removed.
    Timestamp expires_at;
    std::optional<Timestamp> fetched_at = {};  ///< When last.
};

/// What one recipient answered about one name of the person's.
struct RecipientAnswerRecord {
    std::string instance;
    SubjectId subject;
    std::string answer;  ///< JSON, as the plugin gave it.
    Timestamp answered_at;
};

namespace copies {

/// Replaces what the same recipient answered before. `not_found` if the subject has no key.
Status put_answer(Transaction& tx, const FieldCipher& cipher, const RequestId& request,
                  const RecipientAnswerRecord& answer);
/// By instance and subject; without those that cannot be read any more.
std::vector<RecipientAnswerRecord> list_answers(Transaction& tx, const FieldCipher& cipher,
                                                const RequestId& request);
/// Deletes the answers to settled requests that have no copy, or whose copy has run out. Returns how many.
long long sweep_answers(Transaction& tx, Timestamp now);

/// Replaces the copy that was made for the same request before; when that was fetched is kept.
void put(Transaction& tx, const Copy& copy);
std::optional<Copy> find(Transaction& tx, const RequestId& request);
void note_fetched(Transaction& tx, const RequestId& request, Timestamp now);
/// Those that can be fetched now.
std::vector<RequestId> list_valid(Transaction& tx, Timestamp now);

}  // namespace copies
}  // namespace calyptenora::storage
