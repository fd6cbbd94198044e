#include "storage/stores/copies.hpp"

namespace calyptenora::storage::copies {
namespace {

FieldAddress answer_address(const AnswerId& id) {
    return {"recipient_answers", id.text(), "answer_enc"};
}

}  // namespace

constexpr std::string_view remove_answer_sql =
    "delete from recipient_answers where request = :request and instance = :instance and subject = :subject";
constexpr std::string_view insert_answer_sql =
    "insert into recipient_answers (id, request, instance, subject, answer_enc, answered_at) values (:id, "
    ":request, :instance, :subject, :answer_enc, :answered_at)";
Status put_answer(Transaction& tx, const FieldCipher& cipher, const RequestId& request,
                  const RecipientAnswerRecord& answer) {
    const auto id = AnswerId::make();
    const auto sealed = cipher.encrypt(answer.subject, answer_address(id), answer.answer);
    if (!sealed)
        return sealed.error();
    tx.execute(remove_answer_sql, request, answer.instance, answer.subject);
    tx.execute(insert_answer_sql, id, request, answer.instance, answer.subject, *sealed, answer.answered_at);
    return {};
}

constexpr std::string_view list_answers_sql =
    "select id, instance, subject, answer_enc, answered_at from recipient_answers where request = :request "
    "order by instance, subject";
std::vector<RecipientAnswerRecord> list_answers(Transaction& tx, const FieldCipher& cipher,
                                                const RequestId& request) {
    std::vector<RecipientAnswerRecord> answers;
    for (auto& [id, instance, subject, sealed, answered_at] :
         tx.rows<AnswerId, std::string, SubjectId, std::string, Timestamp>(list_answers_sql, request))
        if (auto answer = cipher.decrypt(subject, answer_address(id), sealed))
            answers.push_back({std::move(instance), std::move(subject), std::move(*answer), answered_at});
    return answers;
}

constexpr std::string_view sweep_answers_sql =
    "delete from recipient_answers where request in (select id from requests where settled_at is not null) "
    "and request not in (select request from copies where expires_at > :now)";
long long sweep_answers(Transaction& tx, Timestamp now) {
    return tx.execute(sweep_answers_sql, now);
}

constexpr std::string_view put_sql =
    "insert into copies (request, subject, size, made_at, expires_at, fetched_at) values (:request, "
    ":subject, "
    ":size, :made_at, :expires_at, :fetched_at) on conflict (request) do update set size = excluded.size, "
    "made_at = excluded.made_at, expires_at = excluded.expires_at";
void put(Transaction& tx, const Copy& copy) {
    tx.execute(put_sql, copy.request, copy.subject, copy.size, copy.made_at, copy.expires_at,
               copy.fetched_at);
}

constexpr std::string_view find_sql =
    "select request, subject, size, made_at, expires_at, fetched_at from copies where request = :request";
std::optional<Copy> find(Transaction& tx, const RequestId& request) {
    for (auto& row : tx.rows<RequestId, SubjectId, long long, Timestamp, Timestamp, std::optional<Timestamp>>(
             find_sql, request))
        return std::make_from_tuple<Copy>(std::move(row));
    return std::nullopt;
}

constexpr std::string_view note_fetched_sql = "update copies set fetched_at = :now where request = :request";
void note_fetched(Transaction& tx, const RequestId& request, Timestamp now) {
    tx.execute(note_fetched_sql, now, request);
}

constexpr std::string_view list_valid_sql =
    "select request from copies where expires_at > :now order by request";
std::vector<RequestId> list_valid(Transaction& tx, Timestamp now) {
    std::vector<RequestId> valid;
    for (auto& [request] : tx.rows<RequestId>(list_valid_sql, now))
        valid.push_back(std::move(request));
    return valid;
}

}  // namespace calyptenora::storage::copies
