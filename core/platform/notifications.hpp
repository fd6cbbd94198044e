#pragma once

#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/stores/announcements.hpp"
#include "storage/stores/notifications.hpp"

#include <boost/asio/awaitable.hpp>

#include <set>
#include <vector>

/// What awaits a learner, and what of it they want by mail.
namespace calyptenora::platform {

struct OwnNotifications {
    std::vector<storage::Notification> awaiting;          ///< Newest first.
    std::vector<storage::OwnAnnouncement> announcements;  ///< All that are shown now, newest first.
    std::set<storage::MailTopic> mailed;                  ///< What is sent by mail as well.
};

class Notifications {
  public:
    Notifications(storage::Database& database, const storage::Clock& clock)
        : database_(database), clock_(clock) {}

    boost::asio::awaitable<Result<OwnNotifications>> list(storage::LearnerId learner);

    boost::asio::awaitable<Status> note_read(storage::LearnerId learner,
                                             storage::AnnouncementId announcement);
    /// These are sent by mail as well, and no others.
    boost::asio::awaitable<Status> choose_mail(storage::LearnerId learner,
                                               std::set<storage::MailTopic> topics);

  private:
    storage::Database& database_;
    const storage::Clock& clock_;
};

}  // namespace calyptenora::platform
