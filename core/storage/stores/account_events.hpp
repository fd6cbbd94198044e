#pragma once

#include "storage/transaction.hpp"

#include <boost/describe/enum.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What happened to an account, for its owner to see. Caller: platform.
namespace calyptenora::storage {

enum class AccountEventKind : unsigned char {
    opened,
    signed_in,
    email_confirmed,
    email_change_asked,
    email_changed,
    password_changed,
    password_reset_asked,
    password_reset,
    /// A session that somebody ended from another one.
    session_ended,
    all_sessions_ended,
    /// Its owner said "that was not me".
    disowned,
};
BOOST_DESCRIBE_ENUM(AccountEventKind, opened, signed_in, email_confirmed, email_change_asked, email_changed,
                    password_changed, password_reset_asked, password_reset, session_ended, all_sessions_ended,
                    disowned)

struct AccountEvent {
    AccountEventKind kind;
    Timestamp at;
    /// As platform::describe_browser has it; empty where no browser did it.
    std::string user_agent;
};

namespace account_events {

void append(Transaction& tx, const LearnerId& learner, const AccountEvent& event);
/// Newest first.
std::vector<AccountEvent> list(Transaction& tx, const LearnerId& learner, int limit);

/// The browsers from which this account has been opened or signed in to, as far as it is still known.
std::vector<std::string> list_browsers(Transaction& tx, const LearnerId& learner);

/// Deletes what happened before. Returns how many.
long long sweep(Transaction& tx, Timestamp before);

}  // namespace account_events
}  // namespace calyptenora::storage
