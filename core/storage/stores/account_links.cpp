#include "storage/stores/account_links.hpp"

#include "storage/stores/sessions.hpp"

namespace calyptenora::storage::account_links {
namespace {

FieldAddress email_address(const AccountLinkId& id) {
    return {"account_links", id.text(), "email_enc"};
}

template <class... Args>
Result<std::optional<AccountLink>> find_one(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                                            const Args&... args) {
    const auto row = tx.find<AccountLinkId, std::string, LearnerId, LinkKind, Timestamp, Timestamp,
                             std::optional<std::string>>(sql, args...);
    if (!row)
        return std::optional<AccountLink>();
    const auto& [id, hash, learner, kind, created_at, expires_at, sealed] = *row;
    AccountLink link{id, hash, learner, kind, created_at, expires_at};
    if (sealed) {
        auto email = cipher.decrypt(learner, email_address(id), *sealed);
        if (!email)
            return email.error();
        link.email = std::move(*email);
    }
    return std::optional(std::move(link));
}

}  // namespace

std::string make_token() {
    return sessions::make_token();
}

std::string token_hash(std::string_view token) {
    return sessions::token_hash(token);
}

constexpr std::string_view insert_sql =
    "insert into account_links (id, token_hash, learner, kind, email_enc, created_at, expires_at) values "
    "(:id, :token_hash, :learner, :kind, :email_enc, :created_at, :expires_at)";
Status insert(Transaction& tx, const FieldCipher& cipher, const AccountLink& link) {
    std::optional<std::string> sealed;
    if (link.email) {
        auto email = cipher.encrypt(link.learner, email_address(link.id), *link.email);
        if (!email)
            return email.error();
        sealed = std::move(*email);
    }
    tx.execute(insert_sql, link.id, link.token_hash, link.learner, link.kind, sealed, link.created_at,
               link.expires_at);
    return {};
}

constexpr std::string_view find_sql =
    "select id, token_hash, learner, kind, created_at, expires_at, email_enc from account_links where "
    "token_hash "
    "= :token_hash and kind = :kind and expires_at > :now";
Result<std::optional<AccountLink>> find(Transaction& tx, const FieldCipher& cipher,
                                        const std::string& token_hash, LinkKind kind, Timestamp now) {
    return find_one(tx, cipher, find_sql, token_hash, kind, now);
}

constexpr std::string_view newest_sql =
    "select id, token_hash, learner, kind, created_at, expires_at, email_enc from account_links where "
    "learner = "
    ":learner and kind = :kind and expires_at > :now order by created_at desc limit 1";
Result<std::optional<AccountLink>> find_newest(Transaction& tx, const FieldCipher& cipher,
                                               const LearnerId& learner, LinkKind kind, Timestamp now) {
    return find_one(tx, cipher, newest_sql, learner, kind, now);
}

constexpr std::string_view use_sql = "delete from account_links where id = :id";
bool use(Transaction& tx, const AccountLinkId& id) {
    return tx.execute(use_sql, id) > 0;
}

constexpr std::string_view withdraw_sql =
    "delete from account_links where learner = :learner and kind = :kind";
void withdraw(Transaction& tx, const LearnerId& learner, LinkKind kind) {
    tx.execute(withdraw_sql, learner, kind);
}

constexpr std::string_view sweep_sql = "delete from account_links where expires_at <= :now";
long long sweep(Transaction& tx, Timestamp now) {
    return tx.execute(sweep_sql, now);
}

}  // namespace calyptenora::storage::account_links
