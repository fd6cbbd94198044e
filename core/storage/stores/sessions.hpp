#pragma once

#include "storage/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Browser sessions, of learners and of guests. Only a hash of the token is stored. Callers: http, platform.
namespace calyptenora::storage {

enum class Privilege : unsigned char {
    guest,
    signed_in,
    /// Gave the password or a second factor a moment ago; needed for export, deletion, change of address or
    /// password.
    recently_authenticated,
};
BOOST_DESCRIBE_ENUM(Privilege, guest, signed_in, recently_authenticated)

struct Session {
    SessionId id;
    SubjectId subject;
    Privilege privilege;
    Timestamp created_at;
    Timestamp last_seen_at;
    Timestamp idle_expires_at;
    Timestamp absolute_expires_at;
    /// When the person last proved who they are.
    std::optional<Timestamp> authenticated_at;
    /// Browser family and major version only, for the learner's own list.
    std::string user_agent;
};

namespace sessions {

/// 256 random bits as base64url, for the cookie; and what of it is stored.
std::string make_token();
std::string token_hash(std::string_view token);

void insert(Transaction& tx, std::string_view token, const Session& session);

/// Seen again: moves the idle limit.
void touch(Transaction& tx, const SessionId& id, Timestamp now, Timestamp idle_expires_at);

/// At sign-in and at each change of privilege the token changes; the old one is worthless at once.
/// False if the session is gone.
bool rotate(Transaction& tx, const SessionId& id, std::string_view new_token, const SubjectId& subject,
            Privilege privilege, std::optional<Timestamp> authenticated_at);

/// Those in force, newest first.
std::vector<Session> list(Transaction& tx, const SubjectId& subject, Timestamp now);

/// Only the subject's own one; false if there is none.
bool revoke(Transaction& tx, const SubjectId& subject, const SessionId& id);
/// All but `kept`. Returns how many.
long long revoke_all(Transaction& tx, const SubjectId& subject,
                     const std::optional<SessionId>& kept = std::nullopt);

/// Deletes expired rows. Returns how many.
long long sweep(Transaction& tx, Timestamp now);

}  // namespace sessions
}  // namespace calyptenora::storage
