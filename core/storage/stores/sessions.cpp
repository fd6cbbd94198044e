#include "storage/stores/sessions.hpp"

#include "storage/text.hpp"

#include <sodium.h>

namespace calyptenora::storage::sessions {
namespace {

using Row = std::tuple<SessionId, SubjectId, Privilege, Timestamp, Timestamp, Timestamp, Timestamp,
                       std::optional<Timestamp>, std::string>;

Session to_session(Row&& row) {
    auto& [id, subject, privilege, created, seen, idle, absolute, authenticated, agent] = row;
    return {std::move(id), std::move(subject), privilege,     created,         seen,
            idle,          absolute,           authenticated, std::move(agent)};
}

}  // namespace

std::string make_token() {
    std::array<unsigned char, 32> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    return make_base64url(bytes);
}

std::string token_hash(std::string_view token) {
    return make_content_hash(token);
}

constexpr std::string_view insert_sql =
    "insert into sessions (token_hash, id, subject, privilege, created_at, last_seen_at, idle_expires_at, "
    "absolute_expires_at, authenticated_at, user_agent) values (:token_hash, :id, :subject, :privilege, "
    ":created_at, "
    ":last_seen_at, :idle_expires_at, :absolute_expires_at, :authenticated_at, :user_agent)";
void insert(Transaction& tx, std::string_view token, const Session& session) {
    tx.execute(insert_sql, token_hash(token), session.id, session.subject, session.privilege,
               session.created_at, session.last_seen_at, session.idle_expires_at, session.absolute_expires_at,
               session.authenticated_at, session.user_agent);
}

constexpr std::string_view touch_sql =
    "update sessions set last_seen_at = :now, idle_expires_at = :idle_expires_at where id = :id";
void touch(Transaction& tx, const SessionId& id, Timestamp now, Timestamp idle_expires_at) {
    tx.execute(touch_sql, now, idle_expires_at, id);
}

constexpr std::string_view rotate_sql =
    "update sessions set token_hash = :token_hash, subject = :subject, privilege = :privilege, "
    "authenticated_at = :authenticated_at where id = :id";
bool rotate(Transaction& tx, const SessionId& id, std::string_view new_token, const SubjectId& subject,
            Privilege privilege, std::optional<Timestamp> authenticated_at) {
    return tx.execute(rotate_sql, token_hash(new_token), subject, privilege, authenticated_at, id) > 0;
}

constexpr std::string_view list_sql =
    "select id, subject, privilege, created_at, last_seen_at, idle_expires_at, absolute_expires_at, "
    "authenticated_at, "
    "user_agent from sessions where subject = :subject and idle_expires_at > :idle and absolute_expires_at > "
    ":absolute "
    "order by created_at desc, id desc";
std::vector<Session> list(Transaction& tx, const SubjectId& subject, Timestamp now) {
    std::vector<Session> sessions;
    for (auto& row : tx.rows<SessionId, SubjectId, Privilege, Timestamp, Timestamp, Timestamp, Timestamp,
                             std::optional<Timestamp>, std::string>(list_sql, subject, now, now))
        sessions.push_back(to_session(std::move(row)));
    return sessions;
}

constexpr std::string_view revoke_sql = "delete from sessions where id = :id and subject = :subject";
bool revoke(Transaction& tx, const SubjectId& subject, const SessionId& id) {
    return tx.execute(revoke_sql, id, subject) > 0;
}

constexpr std::string_view revoke_all_sql = "delete from sessions where subject = :subject and id <> :kept";
long long revoke_all(Transaction& tx, const SubjectId& subject, const std::optional<SessionId>& kept) {
    return tx.execute(revoke_all_sql, subject, kept ? kept->text() : "");
}

constexpr std::string_view sweep_sql =
    "delete from sessions where idle_expires_at <= :idle or absolute_expires_at <= :absolute";
long long sweep(Transaction& tx, Timestamp now) {
    return tx.execute(sweep_sql, now, now);
}

}  // namespace calyptenora::storage::sessions
