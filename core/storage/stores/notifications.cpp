#include "storage/stores/notifications.hpp"

#include <fmt/format.h>

namespace calyptenora::storage::notifications {
namespace {

/// What awaits somebody, each kind from its own table. Two moments and five times the learner are bound.
constexpr std::string_view awaiting =
    "select 'case_answered' as kind, id as about, updated_at as at from cases where learner = :asker and "
    "state = 'answered' and (seen_at is null or seen_at < updated_at) union all select 'copy_ready', "
    "request, "
    "made_at from copies where subject = :subject and fetched_at is null and expires_at > :now union all "
    "select 'announcement', a.id, a.made_at from announcements a where a.shown_until > :moment and a.is_news "
    "= 0 and "
    "(a.course is null or exists (select 1 from enrolments e where e.learner = :learner and e.course = "
    "a.course and "
    "e.state <> 'cancelled')) and not exists (select 1 from announcement_reads r where r.announcement = a.id "
    "and r.learner = :reader) union all select 'terms_changed', cast(v.number as text), v.made_at from "
    "terms_versions v where v.number = (select max(number) from terms_versions) and v.text_de <> '' and not "
    "exists (select 1 from terms_acceptances t where t.learner = :party and t.version = v.number)";

}  // namespace

std::vector<Notification> list(Transaction& tx, const LearnerId& learner, Timestamp now) {
    static const std::string sql =
        fmt::format("select kind, about, at from ({}) as awaiting order by at desc, about desc", awaiting);
    std::vector<Notification> found;
    for (auto& [kind, about, at] : tx.rows<NotificationKind, std::string, Timestamp>(
             sql, learner, learner, now, now, learner, learner, learner))
        found.push_back({kind, std::move(about), at});
    return found;
}

long long count(Transaction& tx, const LearnerId& learner, Timestamp now) {
    static const std::string sql = fmt::format("select count(*) from ({}) as awaiting", awaiting);
    return std::get<0>(
        tx.find<std::int64_t>(sql, learner, learner, now, now, learner, learner, learner).value());
}

constexpr std::string_view wanted_sql =
    "select wanted from mail_choices where learner = :learner and topic = :topic";
bool is_wanted(Transaction& tx, const LearnerId& learner, MailTopic topic) {
    const auto chosen = tx.find<bool>(wanted_sql, learner, topic);
    return !chosen || std::get<0>(*chosen);
}

constexpr std::string_view choose_sql =
    "insert into mail_choices (learner, topic, wanted) values (:learner, :topic, :wanted) on conflict "
    "(learner, topic) do update set wanted = excluded.wanted";
void choose(Transaction& tx, const LearnerId& learner, MailTopic topic, bool wanted) {
    tx.execute(choose_sql, learner, topic, wanted);
}

}  // namespace calyptenora::storage::notifications
