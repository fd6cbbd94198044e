#include "storage/stores/requests.hpp"

#include "storage/stores/sessions.hpp"

namespace calyptenora::storage::requests {
namespace {

FieldAddress details_address(const RequestId& id) {
    return {"requests", id.text(), "details_enc"};
}

template <class... Args>
std::vector<SubjectRequest> select(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                                   const Args&... args) {
    std::vector<SubjectRequest> found;
    for (auto& row :
         tx.rows<RequestId, SubjectId, RequestKind, RequestStatus, std::string, std::string, std::string,
                 Timestamp, Timestamp, Timestamp, std::optional<std::string>, std::optional<Timestamp>>(
             sql, args...)) {
        auto& [id, subject, kind, status, language, entered_by, sealed, received_at, starts_at, due_at,
               extension, settled_at] = row;
        auto details = cipher.decrypt(subject, details_address(id), sealed);
        found.push_back({std::move(id), std::move(subject), kind, status, std::move(language),
                         std::move(entered_by), details ? std::move(*details) : std::string(), received_at,
                         starts_at, due_at, std::move(extension), settled_at});
    }
    return found;
}

constexpr std::string_view columns =
    "id, subject, kind, status, language, entered_by, details_enc, received_at, starts_at, due_at, "
    "extension_reason, settled_at";
std::string select_sql(std::string_view which) {
    return std::string("select ").append(columns).append(" from requests ").append(which);
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into requests (id, subject, kind, status, language, entered_by, details_enc, status_lookup, "
    "received_at, starts_at, due_at, next_attempt_at) values (:id, :subject, :kind, :status, :language, "
    ":entered_by, :details_enc, :status_lookup, :received_at, :starts_at, :due_at, :next_attempt_at)";
Status insert(Transaction& tx, const FieldCipher& cipher, const SubjectRequest& request,
              std::string_view token) {
    const auto sealed = cipher.encrypt(request.subject, details_address(request.id), request.details);
    if (!sealed)
        return sealed.error();
    tx.execute(insert_sql, request.id, request.subject, request.kind, request.status, request.language,
               request.entered_by, *sealed, sessions::token_hash(token), request.received_at,
               request.starts_at, request.due_at, request.starts_at);
    return {};
}

constexpr std::string_view find_sql = "where id = :id";
std::optional<SubjectRequest> find(Transaction& tx, const FieldCipher& cipher, const RequestId& id) {
    auto found = select(tx, cipher, select_sql(find_sql), id);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

constexpr std::string_view find_by_token_sql = "where status_lookup = :status_lookup";
std::optional<SubjectRequest> find_by_token(Transaction& tx, const FieldCipher& cipher,
                                            std::string_view token) {
    auto found = select(tx, cipher, select_sql(find_by_token_sql), sessions::token_hash(token));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

constexpr std::string_view list_sql = "where subject = :subject order by received_at desc, id desc";
std::vector<SubjectRequest> list(Transaction& tx, const FieldCipher& cipher, const SubjectId& subject) {
    return select(tx, cipher, select_sql(list_sql), subject);
}

constexpr std::string_view list_open_sql =
    "where status in ('pending', 'in_progress', 'manual', "
    "'failed') order by due_at, id limit :limit";
std::vector<SubjectRequest> list_open(Transaction& tx, const FieldCipher& cipher, int limit) {
    return select(tx, cipher, select_sql(list_open_sql), limit);
}

// One statement finds, locks and takes, as with the outbox.
constexpr std::string_view claim_sql =
    "update requests set claimed_by = :node, claim_until = :until where id in (select id from requests where "
    "status in ('pending', 'in_progress', 'manual') and next_attempt_at <= :due and (claim_until is null or "
    "claim_until <= :expired) order by next_attempt_at, id limit :limit";
std::vector<SubjectRequest> claim(Transaction& tx, const FieldCipher& cipher, std::string_view node,
                                  int limit, Timestamp now, std::chrono::microseconds lease) {
    const auto sql =
        std::string(claim_sql).append(lock_free_rows(tx.dialect())).append(") returning ").append(columns);
    return select(tx, cipher, sql, node, now + lease, now, now, limit);
}

constexpr std::string_view give_back_sql =
    "update requests set status = :status, next_attempt_at = :next, settled_at = :settled, claimed_by = "
    "null, "
    "claim_until = null where id = :id and claimed_by = :node";
bool give_back(Transaction& tx, const RequestId& id, std::string_view node, RequestStatus status,
               Timestamp next_attempt_at, Timestamp now) {
    const auto settled = is_settled(status) ? std::optional(now) : std::nullopt;
    return tx.execute(give_back_sql, status, next_attempt_at, settled, id, node) > 0;
}

constexpr std::string_view cancel_sql =
    "update requests set status = 'cancelled', settled_at = :now where id = :id and status = 'pending' and "
    "starts_at > :at and claimed_by is null";
bool cancel(Transaction& tx, const RequestId& id, Timestamp now) {
    return tx.execute(cancel_sql, now, id, now) > 0;
}

constexpr std::string_view extend_sql =
    "update requests set due_at = :due_at, extension_reason = :reason where id = :id and settled_at is null";
bool extend(Transaction& tx, const RequestId& id, Timestamp due_at, std::string_view reason) {
    return tx.execute(extend_sql, due_at, reason, id) > 0;
}

constexpr std::string_view put_step_sql =
    "insert into request_steps (request, instance, subject, recipient, status, attempts, next_attempt_at, "
    "job, outcome, retained_until, updated_at) values (:request, :instance, :subject, :recipient, :status, "
    ":attempts, :next_attempt_at, :job, :outcome, :retained_until, :updated_at) on conflict (request, "
    "instance, subject) do update set "
    "recipient = excluded.recipient, status = excluded.status, attempts = excluded.attempts, "
    "next_attempt_at = excluded.next_attempt_at, job = excluded.job, outcome = excluded.outcome, "
    "retained_until = excluded.retained_until, updated_at = excluded.updated_at";
void put_step(Transaction& tx, const RequestStep& step) {
    tx.execute(put_step_sql, step.request, step.instance, step.subject, step.recipient, step.status,
               step.attempts, step.next_attempt_at, step.job, step.outcome, step.retained_until,
               step.updated_at);
}

constexpr std::string_view list_steps_sql =
    "select request, instance, subject, recipient, status, attempts, next_attempt_at, job, outcome, "
    "retained_until, updated_at from request_steps where request = :request order by instance, subject";
std::vector<RequestStep> list_steps(Transaction& tx, const RequestId& id) {
    std::vector<RequestStep> steps;
    for (auto& row :
         tx.rows<RequestId, std::string, SubjectId, std::string, RequestStatus, int, Timestamp, std::string,
                 std::string, std::optional<std::string>, Timestamp>(list_steps_sql, id))
        steps.push_back(std::make_from_tuple<RequestStep>(std::move(row)));
    return steps;
}

constexpr std::string_view wake_sql =
    "update requests set next_attempt_at = :now where id = :id and settled_at is null";
void wake(Transaction& tx, const RequestId& id, Timestamp now) {
    tx.execute(wake_sql, now, id);
}

}  // namespace calyptenora::storage::requests
