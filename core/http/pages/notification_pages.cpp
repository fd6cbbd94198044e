#include "http/pages/news_view.hpp"
#include "http/pages/paragraphs.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/mp11/algorithm.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using storage::MailTopic;
using storage::NotificationKind;

std::string url_of(const storage::Notification& notification) {
    switch (notification.kind) {
        case NotificationKind::case_answered:
            return "/support/cases/" + notification.about;
        case NotificationKind::copy_ready:
            return "/account/data";
        case NotificationKind::terms_changed:
            return "/terms";
        case NotificationKind::announcement:
            break;
    }
    return "/notifications#" + notification.about;
}

/// What awaits on other pages; announcements stand on this one in full.
boost::json::array elsewhere_view(const Visit& visit, const std::vector<storage::Notification>& awaiting) {
    boost::json::array rows;
    for (const auto& notification : awaiting)
        if (notification.kind != NotificationKind::announcement)
            rows.push_back(
                {{"text", visit.text(fmt::format("notification_kind.{}",
                                                 boost::describe::enum_to_string(notification.kind, "")))},
                 {"url", url_of(notification)},
                 {"on", moment_text(visit, notification.at)}});
    return rows;
}

/// In the visitor's language, or the one that there is.
boost::json::object announcement_row(const Visit& visit, const storage::OwnAnnouncement& own) {
    const auto& announcement = own.announcement;
    const bool in_german = announcement.de && (visit.language() == web::Language::de || !announcement.en);
    const auto& text = in_german ? *announcement.de : *announcement.en;
    boost::json::object row{{"id", announcement.id.text()},
                            {"title", text.title},
                            {"lang", in_german ? "de" : "en"},
                            {"paragraphs", paragraphs_of(text.text)},
                            {"on", date_text(visit, announcement.made_at)},
                            {"unread", !own.read_at}};
    const auto catalogue = visit.services().catalogue.current();
    if (const auto* course = announcement.course ? catalogue->find_course(*announcement.course) : nullptr)
        row["course"] = {{"title", course->title}, {"lang", course->language}};
    return row;
}

boost::json::array topics_view(const Visit& visit, const std::set<MailTopic>& mailed) {
    boost::json::array topics;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<MailTopic>>([&](auto entry) {
        topics.push_back({{"topic", entry.name},
                          {"text", visit.text(fmt::format("mail_topic.{}", entry.name))},
                          {"wanted", mailed.contains(entry.value)}});
    });
    return topics;
}

awaitable<Response> show_notifications(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto own = co_await visit.services().notifications.list(visit.learner()->id);
    if (!own)
        co_return visit.problem(own.error());
    boost::json::array announcements;
    for (const auto& announcement : own->announcements)
        announcements.push_back(announcement_row(visit, announcement));
    const bool by_mail = visit.services().account_security.mail_is_on();
    boost::json::object view{{"elsewhere", elsewhere_view(visit, own->awaiting)},
                             {"announcements", std::move(announcements)},
                             {"by_mail", by_mail},
                             {"unconfirmed", by_mail && !visit.learner()->email_confirmed_at},
                             {"topics", topics_view(visit, own->mailed)}};
    if (auto news = co_await news_view(visit))
        view["news"] = std::move(*news);
    co_return visit.page("notifications", std::move(view), Section::account);
}

awaitable<Response> read_announcement(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto id = storage::AnnouncementId::parse(visit.field("announcement"));
    if (!id)
        co_return visit.not_found();
    const auto noted = co_await visit.services().notifications.note_read(visit.learner()->id, *id);
    if (!noted)
        co_return visit.problem(noted.error());
    co_return visit.back_to("/notifications");
}

awaitable<Response> choose_mail(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    std::set<MailTopic> wanted;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<MailTopic>>([&](auto entry) {
        if (!visit.field(entry.name).empty())
            wanted.insert(entry.value);
    });
    const auto chosen =
        co_await visit.services().notifications.choose_mail(visit.learner()->id, std::move(wanted));
    if (!chosen)
        co_return visit.problem(chosen.error());
    co_return visit.back_to("/notifications", "saved");
}

}  // namespace

void add_notification_pages(PageRoutes& routes) {
    routes.get("/notifications", show_notifications);
    routes.post("/notifications/read", read_announcement);
    routes.post("/notifications/mail", choose_mail);
}

}  // namespace calyptenora::http
