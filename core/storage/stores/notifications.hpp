#pragma once

#include "storage/ids.hpp"
#include "storage/transaction.hpp"

#include <boost/describe/enum.hpp>

#include <string>
#include <vector>

/// What awaits a learner, read from where it is kept: no second record of what somebody has been told.
/// Caller: platform.
namespace calyptenora::storage {

enum class NotificationKind : unsigned char {
    announcement,   ///< Not read yet; `about` is its id.
    case_answered,  ///< The answer has not been looked at; `about` is the case's id.
    copy_ready,     ///< A copy of their data can be fetched; `about` is the request's id.
    terms_changed,  ///< The newest terms of use have not been accepted; `about` is the version.
};
BOOST_DESCRIBE_ENUM(NotificationKind, announcement, case_answered, copy_ready, terms_changed)

struct Notification {
    NotificationKind kind;
    std::string about;
    Timestamp at;
};

/// What of the platform's mail somebody can do without.
enum class MailTopic : unsigned char { announcements, case_answers };
BOOST_DESCRIBE_ENUM(MailTopic, announcements, case_answers)

namespace notifications {

/// Newest first.
std::vector<Notification> list(Transaction& tx, const LearnerId& learner, Timestamp now);
long long count(Transaction& tx, const LearnerId& learner, Timestamp now);

/// Usually everything is wanted.
bool is_wanted(Transaction& tx, const LearnerId& learner, MailTopic topic);
void choose(Transaction& tx, const LearnerId& learner, MailTopic topic, bool wanted);

}  // namespace notifications
}  // namespace calyptenora::storage
