#pragma once

#include "platform/courses/catalogue.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/stores/announcements.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What the operator tells everybody, or those who take a course. It is about the platform and its courses,
/// not advertising: nobody is asked for consent. What advertises is news, for those who subscribed to them.
namespace calyptenora::platform {

struct NewAnnouncement {
    std::optional<std::string> course;  ///< Its slug; nothing: for everybody.
    std::optional<storage::AnnouncementText> de;
    std::optional<storage::AnnouncementText> en;
    std::chrono::days shown_for{30};
    /// By mail only, to those who subscribed to news; then of no course.
    bool is_news = false;
};

class Announcements {
  public:
    /// Bytes.
    static constexpr std::size_t longest_title = 200;
    static constexpr std::size_t longest_text = 20'000;
    static constexpr std::chrono::days longest_shown{366};

    Announcements(storage::Database& database, const storage::Clock& clock, const CatalogueHolder& catalogue)
        : database_(database), clock_(clock), catalogue_(catalogue) {}

    /// Shows it from now on; Letters writes to those who want it by mail. `invalid_input` for texts that are
    /// missing, too long or cannot be stored, and for a time beyond the limits; `not_found` without such a
    /// course.
    boost::asio::awaitable<Result<std::string>> make(NewAnnouncement announcement);
    /// Newest first.
    boost::asio::awaitable<Result<std::vector<storage::Announcement>>> list();
    /// Shows and sends it no more. `not_found` without such a one that is shown.
    boost::asio::awaitable<Status> withdraw(storage::AnnouncementId id);

  private:
    Status check(const NewAnnouncement& announcement) const;

    storage::Database& database_;
    const storage::Clock& clock_;
    const CatalogueHolder& catalogue_;
};

}  // namespace calyptenora::platform
