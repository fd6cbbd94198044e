#include "storage/stores/notes.hpp"

namespace calyptenora::storage::notes {
namespace {

/// Nothing for no words.
Result<std::optional<std::string>> seal(const FieldCipher& cipher, const LearnerId& learner, const NoteId& id,
                                        const std::string& body) {
    if (body.empty())
        return std::optional<std::string>();
    auto sealed = cipher.encrypt(learner, {"notes", id.text(), "body_enc"}, body);
    if (!sealed)
        return sealed.error();
    return std::optional(std::move(*sealed));
}

Error no_such_note() {
    return Error(ErrorKind::not_found, "there is no such note");
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into notes (id, learner, course, lesson, anchor, body_enc, created_at, updated_at) "
    "values (:id, :learner, :course, :lesson, :anchor, :body_enc, :created_at, :updated_at)";
Status insert(Transaction& tx, const FieldCipher& cipher, const Note& note) {
    const auto sealed = seal(cipher, note.learner, note.id, note.body);
    if (!sealed)
        return sealed.error();
    tx.execute(insert_sql, note.id, note.learner, note.course, note.lesson, note.anchor, *sealed,
               note.created_at, note.updated_at);
    return {};
}

constexpr std::string_view change_sql =
    "update notes set body_enc = :body_enc, updated_at = :now where id = :id and learner = :learner";
Status change(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner, const NoteId& id,
              const std::string& body, Timestamp now) {
    const auto sealed = seal(cipher, learner, id, body);
    if (!sealed)
        return sealed.error();
    if (tx.execute(change_sql, *sealed, now, id, learner) == 0)
        return no_such_note();
    return {};
}

constexpr std::string_view remove_sql = "delete from notes where id = :id and learner = :learner";
Status remove(Transaction& tx, const LearnerId& learner, const NoteId& id) {
    if (tx.execute(remove_sql, id, learner) == 0)
        return no_such_note();
    return {};
}

constexpr std::string_view list_sql =
    "select id, course, lesson, anchor, body_enc, created_at, updated_at from notes "
    "where learner = :learner order by course, lesson, created_at, id";
Result<std::vector<Note>> list(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner) {
    std::vector<Note> notes;
    for (auto& row : tx.rows<NoteId, std::string, std::string, std::string, std::optional<std::string>,
                             Timestamp, Timestamp>(list_sql, learner)) {
        auto& [id, course, lesson, anchor, sealed, created_at, updated_at] = row;
        std::string body;
        if (sealed) {
            auto opened = cipher.decrypt(learner, {"notes", id.text(), "body_enc"}, *sealed);
            if (!opened)
                return opened.error();
            body = std::move(*opened);
        }
        notes.push_back({std::move(id), learner, std::move(course), std::move(lesson), std::move(anchor),
                         std::move(body), created_at, updated_at});
    }
    return notes;
}

constexpr std::string_view count_sql = "select count(*) from notes where learner = :learner";
std::int64_t count(Transaction& tx, const LearnerId& learner) {
    return std::get<0>(*tx.find<std::int64_t>(count_sql, learner));
}

}  // namespace calyptenora::storage::notes
