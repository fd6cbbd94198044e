#include "storage/stores/cases.hpp"

#include <sodium.h>

namespace calyptenora::storage::cases {
namespace {

FieldAddress line_address(const CaseId& id) {
    return {"cases", id.text(), "subject_line_enc"};
}
FieldAddress body_address(const MessageId& id) {
    return {"case_messages", id.text(), "body_enc"};
}

template <class... Args>
std::vector<Case> select(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                         const Args&... args) {
    std::vector<Case> found;
    for (auto& row : tx.rows<CaseId, LearnerId, std::string, std::optional<std::string>, CaseState,
                             std::string, Timestamp, Timestamp>(sql, args...)) {
        auto& [id, learner, instance, sealed, state, alias, created_at, updated_at] = row;
        std::string line;
        if (sealed)
            if (auto opened = cipher.decrypt(learner, line_address(id), *sealed))
                line = std::move(*opened);
        found.push_back({std::move(id), std::move(learner), std::move(instance), std::move(line), state,
                         std::move(alias), created_at, updated_at});
    }
    return found;
}

template <class... Args>
std::optional<Case> select_one(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                               const Args&... args) {
    auto found = select(tx, cipher, sql, args...);
    if (found.empty())
        return std::nullopt;
    return std::move(found.front());
}

constexpr std::string_view find_learner_sql = "select learner from cases where id = :id";

}  // namespace

std::string make_alias() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
    std::string alias;
    for (int i = 0; i < 26; ++i)
        alias += letters[randombytes_uniform(32)];
    return alias;
}

constexpr std::string_view insert_sql =
    "insert into cases (id, learner, instance, subject_line_enc, state, alias, created_at, updated_at) "
    "values (:id, "
    ":learner, :instance, :subject_line_enc, :state, :alias, :created_at, :updated_at)";
Status insert(Transaction& tx, const FieldCipher& cipher, const Case& opened) {
    const auto line = cipher.encrypt(opened.learner, line_address(opened.id), opened.subject_line);
    if (!line)
        return line.error();
    tx.execute(insert_sql, opened.id, opened.learner, opened.instance, *line, opened.state, opened.alias,
               opened.created_at, opened.updated_at);
    return {};
}

constexpr std::string_view find_sql =
    "select id, learner, instance, subject_line_enc, state, alias, created_at, updated_at from cases where "
    "id = :id";
std::optional<Case> find(Transaction& tx, const FieldCipher& cipher, const CaseId& id) {
    return select_one(tx, cipher, find_sql, id);
}

constexpr std::string_view find_by_alias_sql =
    "select id, learner, instance, subject_line_enc, state, alias, created_at, updated_at from cases "
    "where alias = :alias";
std::optional<Case> find_by_alias(Transaction& tx, const FieldCipher& cipher, std::string_view alias) {
    return select_one(tx, cipher, find_by_alias_sql, alias);
}

constexpr std::string_view list_sql =
    "select id, learner, instance, subject_line_enc, state, alias, created_at, updated_at from cases "
    "where learner = :learner order by updated_at desc, id desc";
std::vector<Case> list(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner) {
    return select(tx, cipher, list_sql, learner);
}

constexpr std::string_view set_state_sql =
    "update cases set state = :state, updated_at = :now where id = :id";
bool set_state(Transaction& tx, const CaseId& id, CaseState state, Timestamp now) {
    return tx.execute(set_state_sql, state, now, id) > 0;
}

constexpr std::string_view note_seen_sql = "update cases set seen_at = :now where id = :id";
void note_seen(Transaction& tx, const CaseId& id, Timestamp now) {
    tx.execute(note_seen_sql, now, id);
}

constexpr std::string_view insert_message_sql =
    "insert into case_messages (id, case_id, author, body_enc, external_id, at) values (:id, :case_id, "
    ":author, "
    ":body_enc, :external_id, :at) on conflict (case_id, external_id) do nothing";
Result<Added> add_message(Transaction& tx, const FieldCipher& cipher, const CaseMessage& message) {
    const auto learner = tx.find<LearnerId>(find_learner_sql, message.case_id);
    if (!learner)
        return Error(ErrorKind::not_found, "there is no such case");
    const auto body = cipher.encrypt(std::get<0>(*learner), body_address(message.id), message.body);
    if (!body)
        return body.error();
    if (tx.execute(insert_message_sql, message.id, message.case_id, message.author, *body,
                   message.external_id, message.at) == 0)
        return Added::before;
    set_state(tx, message.case_id, message.author == Author::support ? CaseState::answered : CaseState::open,
              message.at);
    return Added::now;
}

constexpr std::string_view list_messages_sql =
    "select id, author, body_enc, external_id, at from case_messages where case_id = :case_id order by at, "
    "id";
Result<std::vector<CaseMessage>> list_messages(Transaction& tx, const FieldCipher& cipher, const CaseId& id) {
    const auto learner = tx.find<LearnerId>(find_learner_sql, id);
    if (!learner)
        return Error(ErrorKind::not_found, "there is no such case");
    std::vector<CaseMessage> messages;
    for (auto& row :
         tx.rows<MessageId, Author, std::optional<std::string>, std::optional<std::string>, Timestamp>(
             list_messages_sql, id)) {
        auto& [message_id, author, sealed, external_id, at] = row;
        if (!sealed)
            return Error(ErrorKind::not_found, "what was written is erased");
        auto body = cipher.decrypt(std::get<0>(*learner), body_address(message_id), *sealed);
        if (!body)
            return body.error();
        messages.push_back({std::move(message_id), id, author, std::move(*body), std::move(external_id), at});
    }
    return messages;
}

}  // namespace calyptenora::storage::cases
