#pragma once

#include "storage/ids.hpp"
#include "storage/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the operator tells everybody, those who take a course, or those who subscribed to news. Caller:
/// platform.
namespace calyptenora::storage {

struct AnnouncementText {
    std::string title;
    std::string text;  ///< Plain; an empty line parts paragraphs.
};

struct Announcement {
    AnnouncementId id;
    std::optional<std::string> course;  ///< Nothing: for everybody.
    /// At least one of them.
    std::optional<AnnouncementText> de;
    std::optional<AnnouncementText> en;
    Timestamp made_at;
    Timestamp shown_until;
    std::optional<Timestamp> mailed_at = {};  ///< When the last of those had it who are written to.
    bool is_news = false;                     ///< By mail only, to those who subscribed.
};

struct OwnAnnouncement {
    Announcement announcement;
    std::optional<Timestamp> read_at;
};

namespace announcements {

void insert(Transaction& tx, const Announcement& announcement);
std::optional<Announcement> find(Transaction& tx, const AnnouncementId& id);
/// Newest first.
std::vector<Announcement> list(Transaction& tx);
/// Those that are shown to this learner now, newest first.
std::vector<OwnAnnouncement> list_for(Transaction& tx, const LearnerId& learner, Timestamp now);
/// Shows it to nobody any more. False if there is no such one that is shown.
bool withdraw(Transaction& tx, const AnnouncementId& id, Timestamp now);

/// Does nothing if it is not shown any more.
void note_read(Transaction& tx, const LearnerId& learner, const AnnouncementId& id, Timestamp now);

/// The oldest that not everybody has been written to about, and after which learner to go on.
struct Mailing {
    AnnouncementId id;
    std::optional<std::string> course;
    bool is_news;
    std::string mailed_to;
};
std::optional<Mailing> find_mailing(Transaction& tx, Timestamp now);
/// Whom it is for and who wants such mail, from there on.
std::vector<LearnerId> list_addressees(Transaction& tx, const Mailing& mailing, Timestamp now, int limit);
/// Everybody up to `last` has been written to; if `done`, that was all. False if another node was quicker.
bool advance(Transaction& tx, const Mailing& mailing, std::string_view last, bool done, Timestamp now);

/// Deletes who has read what is shown no more. Returns how many rows.
long long sweep_reads(Transaction& tx, Timestamp now);

}  // namespace announcements
}  // namespace calyptenora::storage
