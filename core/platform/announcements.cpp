#include "platform/announcements.hpp"

#include "storage/text.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {
using boost::asio::awaitable;

namespace {

Status check_text(std::string_view what, const std::string& text, std::size_t longest) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return Error(ErrorKind::invalid_input, fmt::format("the {} is empty", what));
    if (text.size() > longest)
        return Error(ErrorKind::invalid_input,
                     fmt::format("the {} has {} bytes, at most {} are shown", what, text.size(), longest));
    return storage::validate_text(text);
}

}  // namespace

Status Announcements::check(const NewAnnouncement& announcement) const {
    if (!announcement.de && !announcement.en)
        return Error(ErrorKind::invalid_input, "an announcement has a text in German or in English, or both");
    for (const auto* text : {&announcement.de, &announcement.en}) {
        if (!*text)
            continue;
        if (auto valid = check_text("title", (**text).title, longest_title); !valid)
            return valid;
        if (auto valid = check_text("text", (**text).text, longest_text); !valid)
            return valid;
    }
    if (announcement.shown_for < std::chrono::days(1) || announcement.shown_for > longest_shown)
        return Error(ErrorKind::invalid_input,
                     fmt::format("it is shown for 1 to {} days", longest_shown.count()));
    if (announcement.course && announcement.is_news)
        return Error(ErrorKind::invalid_input,
                     "news go to those who subscribed to them, whatever course they take");
    if (announcement.course && !catalogue_.current()->find_course(*announcement.course))
        return Error(ErrorKind::not_found, fmt::format("there is no course \"{}\"", *announcement.course));
    return {};
}

// As text, since a future needs a value to begin with.
awaitable<Result<std::string>> Announcements::make(NewAnnouncement announcement) {
    if (auto valid = check(announcement); !valid)
        co_return valid.error();
    const auto now = clock_.now();
    const storage::Announcement made{.id = storage::AnnouncementId::make(),
                                     .course = std::move(announcement.course),
                                     .de = std::move(announcement.de),
                                     .en = std::move(announcement.en),
                                     .made_at = now,
                                     .shown_until = now + announcement.shown_for,
                                     .is_news = announcement.is_news};
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<std::string> {
        storage::announcements::insert(tx, made);
        return made.id.text();
    });
}

awaitable<Result<std::vector<storage::Announcement>>> Announcements::list() {
    using List = Result<std::vector<storage::Announcement>>;
    co_return co_await database_.run(
        [&](storage::Transaction& tx) -> List { return storage::announcements::list(tx); });
}

awaitable<Status> Announcements::withdraw(storage::AnnouncementId id) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!storage::announcements::withdraw(tx, id, clock_.now()))
            return Error(ErrorKind::not_found, "no announcement with this id is shown");
        return {};
    });
}

}  // namespace calyptenora::platform
