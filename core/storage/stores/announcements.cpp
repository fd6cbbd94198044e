#include "storage/stores/announcements.hpp"

#include "settings/instance_id.hpp"

namespace calyptenora::storage::announcements {
namespace {

using Text = std::optional<std::string>;

std::optional<AnnouncementText> text_of(Text& title, Text& text) {
    if (!title || !text)
        return std::nullopt;
    return AnnouncementText{std::move(*title), std::move(*text)};
}

/// The columns that every statement here begins with, as one row.
template <class Row>
Announcement announcement_of(Row& row) {
    return {.id = std::move(std::get<0>(row)),
            .course = std::move(std::get<1>(row)),
            .de = text_of(std::get<2>(row), std::get<3>(row)),
            .en = text_of(std::get<4>(row), std::get<5>(row)),
            .made_at = std::get<6>(row),
            .shown_until = std::get<7>(row),
            .mailed_at = std::get<8>(row),
            .is_news = std::get<9>(row)};
}

Text title_of(const std::optional<AnnouncementText>& text) {
    return text ? Text(text->title) : Text();
}
Text body_of(const std::optional<AnnouncementText>& text) {
    return text ? Text(text->text) : Text();
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into announcements (id, course, title_de, text_de, title_en, text_en, made_at, shown_until, "
    "is_news, mailed_to) values (:id, :course, :title_de, :text_de, :title_en, :text_en, :made_at, "
    ":shown_until, :is_news, '')";
void insert(Transaction& tx, const Announcement& made) {
    tx.execute(insert_sql, made.id, made.course, title_of(made.de), body_of(made.de), title_of(made.en),
               body_of(made.en), made.made_at, made.shown_until, made.is_news);
}

constexpr std::string_view find_sql =
    "select id, course, title_de, text_de, title_en, text_en, made_at, shown_until, mailed_at, is_news from "
    "announcements where id = :id";
std::optional<Announcement> find(Transaction& tx, const AnnouncementId& id) {
    auto found = tx.find<AnnouncementId, Text, Text, Text, Text, Text, Timestamp, Timestamp,
                         std::optional<Timestamp>, bool>(find_sql, id);
    return found ? std::optional(announcement_of(*found)) : std::nullopt;
}

constexpr std::string_view list_sql =
    "select id, course, title_de, text_de, title_en, text_en, made_at, shown_until, mailed_at, is_news from "
    "announcements order by made_at desc, id desc";
std::vector<Announcement> list(Transaction& tx) {
    std::vector<Announcement> all;
    for (auto& row : tx.rows<AnnouncementId, Text, Text, Text, Text, Text, Timestamp, Timestamp,
                             std::optional<Timestamp>, bool>(list_sql))
        all.push_back(announcement_of(row));
    return all;
}

constexpr std::string_view list_for_sql =
    "select a.id, a.course, a.title_de, a.text_de, a.title_en, a.text_en, a.made_at, a.shown_until, "
    "a.mailed_at, a.is_news, r.read_at from announcements a left join announcement_reads r on r.announcement "
    "= a.id and r.learner = :reader where a.shown_until > :now and a.is_news = 0 and (a.course is null or "
    "exists (select 1 from "
    "enrolments e where e.learner = :learner and e.course = a.course and e.state <> 'cancelled')) order by "
    "a.made_at desc, a.id desc";
std::vector<OwnAnnouncement> list_for(Transaction& tx, const LearnerId& learner, Timestamp now) {
    std::vector<OwnAnnouncement> shown;
    for (auto& row :
         tx.rows<AnnouncementId, Text, Text, Text, Text, Text, Timestamp, Timestamp, std::optional<Timestamp>,
                 bool, std::optional<Timestamp>>(list_for_sql, learner, now, learner))
        shown.push_back({announcement_of(row), std::get<10>(row)});
    return shown;
}

constexpr std::string_view withdraw_sql =
    "update announcements set shown_until = :now where id = :id and shown_until > :until";
bool withdraw(Transaction& tx, const AnnouncementId& id, Timestamp now) {
    return tx.execute(withdraw_sql, now, id, now) > 0;
}

constexpr std::string_view note_read_sql =
    "insert into announcement_reads (learner, announcement, read_at) select :learner, id, :read_at from "
    "announcements where id = :id and shown_until > :now on conflict (learner, announcement) do nothing";
void note_read(Transaction& tx, const LearnerId& learner, const AnnouncementId& id, Timestamp now) {
    tx.execute(note_read_sql, learner, now, id, now);
}

constexpr std::string_view mailing_sql =
    "select id, course, is_news, mailed_to from announcements where mailed_at is null and shown_until > :now "
    "order by "
    "made_at, id limit 1";
std::optional<Mailing> find_mailing(Transaction& tx, Timestamp now) {
    auto found = tx.find<AnnouncementId, Text, bool, std::string>(mailing_sql, now);
    if (!found)
        return std::nullopt;
    auto& [id, course, is_news, mailed_to] = *found;
    return Mailing{std::move(id), std::move(course), is_news, std::move(mailed_to)};
}

constexpr std::string_view addressees_sql =
    "select l.id from learners l where l.id > :mailed_to and l.state <> 'erased' and l.email_confirmed_at is "
    "not null and not exists (select 1 from mail_choices m where m.learner = l.id and m.topic = "
    "'announcements' and m.wanted = 0) order by l.id limit :limit";
constexpr std::string_view course_addressees_sql =
    "select l.id from learners l join enrolments e on e.learner = l.id and e.course = :course and e.state <> "
    "'cancelled' where l.id > :mailed_to and l.state <> 'erased' and l.email_confirmed_at is not null and "
    "not "
    "exists (select 1 from mail_choices m where m.learner = l.id and m.topic = 'announcements' and m.wanted "
    "= 0) order by l.id limit :limit";
// A consent's row holds what was last chosen; the gate weighs the rest for each of them.
constexpr std::string_view subscribers_sql =
    "select l.id from consents c join learners l on l.id = c.subject where c.instance = :instance and "
    "c.purpose = :purpose and c.state in ('given', 'renewed') and (c.expires_at is null or c.expires_at > "
    ":now) and l.id > :mailed_to and l.state <> 'erased' and l.email_confirmed_at is not null order by l.id "
    "limit :limit";
std::vector<LearnerId> list_addressees(Transaction& tx, const Mailing& mailing, Timestamp now, int limit) {
    const auto rows =
        mailing.is_news
            ? tx.rows<LearnerId>(subscribers_sql, settings::core_mail_id().text(),
                                 Purpose::marketing_communications_email, now, mailing.mailed_to, limit)
        : mailing.course
            ? tx.rows<LearnerId>(course_addressees_sql, *mailing.course, mailing.mailed_to, limit)
            : tx.rows<LearnerId>(addressees_sql, mailing.mailed_to, limit);
    std::vector<LearnerId> learners;
    for (const auto& [id] : rows)
        learners.push_back(id);
    return learners;
}

constexpr std::string_view advance_sql =
    "update announcements set mailed_to = :last, mailed_at = :mailed_at where id = :id and mailed_to = "
    ":before and mailed_at is null";
bool advance(Transaction& tx, const Mailing& mailing, std::string_view last, bool done, Timestamp now) {
    return tx.execute(advance_sql, last, done ? std::optional(now) : std::nullopt, mailing.id,
                      mailing.mailed_to) > 0;
}

constexpr std::string_view sweep_sql =
    "delete from announcement_reads where announcement in (select id from announcements where shown_until <= "
    ":now)";
long long sweep_reads(Transaction& tx, Timestamp now) {
    return tx.execute(sweep_sql, now);
}

}  // namespace calyptenora::storage::announcements
