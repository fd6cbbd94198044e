#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <boost/describe/enum.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Links that are sent by mail and work once. Only a hash of the token is stored. Caller: platform.
namespace calyptenora::storage {

enum class LinkKind : unsigned char {
    confirm_email,
    reset_password,
    /// "That was not me": ends what somebody else has begun.
    not_me,
    /// Subscribes to the operator's news.
    confirm_news,
};
BOOST_DESCRIBE_ENUM(LinkKind, confirm_email, reset_password, not_me, confirm_news)

struct AccountLink {
    AccountLinkId id;
    std::string token_hash;
    LearnerId learner;
    LinkKind kind;
    Timestamp created_at;
    Timestamp expires_at;
    /// Of a confirmation: the address to which it went.
    std::optional<std::string> email = {};
};

namespace account_links {

/// 256 random bits as base64url; and what of it is stored.
std::string make_token();
std::string token_hash(std::string_view token);

Status insert(Transaction& tx, const FieldCipher& cipher, const AccountLink& link);
/// One that still works; nothing for another.
Result<std::optional<AccountLink>> find(Transaction& tx, const FieldCipher& cipher,
                                        const std::string& token_hash, LinkKind kind, Timestamp now);
/// The newest of a kind that still works.
Result<std::optional<AccountLink>> find_newest(Transaction& tx, const FieldCipher& cipher,
                                               const LearnerId& learner, LinkKind kind, Timestamp now);
/// Has it work no more. False if somebody else was quicker.
bool use(Transaction& tx, const AccountLinkId& id);
/// All of a kind work no more.
void withdraw(Transaction& tx, const LearnerId& learner, LinkKind kind);
/// Deletes those that have run out. Returns how many.
long long sweep(Transaction& tx, Timestamp now);

}  // namespace account_links
}  // namespace calyptenora::storage
