#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <optional>
#include <string>
#include <vector>

/// What learners note down for themselves in lessons, under their own key. Caller: platform.
namespace calyptenora::storage {

using NoteId = Id<struct NoteTag>;

struct Note {
    NoteId id;
    LearnerId learner;
    std::string course;
    std::string lesson;
    std::string anchor;  ///< The heading's id; empty for the whole lesson.
    std::string body;    ///< Empty for a bookmark.
    Timestamp created_at;
    Timestamp updated_at;
};

namespace notes {

Status insert(Transaction& tx, const FieldCipher& cipher, const Note& note);
/// `not_found` if the learner has no such note.
Status change(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner, const NoteId& id,
              const std::string& body, Timestamp now);
Status remove(Transaction& tx, const LearnerId& learner, const NoteId& id);

/// By course and lesson, the oldest first.
Result<std::vector<Note>> list(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner);
std::int64_t count(Transaction& tx, const LearnerId& learner);

}  // namespace notes
}  // namespace calyptenora::storage
