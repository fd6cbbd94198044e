#include "storage/stores/learning.hpp"

#include "storage/row_batch.hpp"
#include "storage/stores/population.hpp"

namespace calyptenora::storage::learning {

constexpr std::string_view insert_enrolment_sql =
    "insert into enrolments (learner, course, since, state, order_id) values (:learner, :course, :since, "
    "'active', "
    ":order_id) on conflict (learner, course) do nothing";
constexpr std::string_view reactivate_sql =
    "update enrolments set state = 'active', since = :since, order_id = :order_id "
    "where learner = :learner and course = :course and state = 'cancelled'";
Enrolled enrol(Transaction& tx, const LearnerId& learner, std::string_view course,
               const std::optional<OrderId>& order, Timestamp now) {
    if (tx.execute(insert_enrolment_sql, learner, course, now, order) > 0)
        return Enrolled::now;
    return tx.execute(reactivate_sql, now, order, learner, course) > 0 ? Enrolled::now : Enrolled::before;
}

constexpr std::string_view set_state_sql =
    "update enrolments set state = :state where learner = :learner and course = :course";
bool set_enrolment_state(Transaction& tx, const LearnerId& learner, std::string_view course,
                         EnrolmentState state) {
    return tx.execute(set_state_sql, state, learner, course) > 0;
}

constexpr std::string_view find_enrolment_sql =
    "select course, since, state, order_id from enrolments where learner = :learner and course = :course";
std::optional<Enrolment> find_enrolment(Transaction& tx, const LearnerId& learner, std::string_view course) {
    auto row = tx.find<std::string, Timestamp, EnrolmentState, std::optional<OrderId>>(find_enrolment_sql,
                                                                                       learner, course);
    if (!row)
        return std::nullopt;
    auto& [name, since, state, order] = *row;
    return Enrolment{std::move(name), since, state, std::move(order)};
}

constexpr std::string_view list_enrolments_sql =
    "select course, since, state, order_id from enrolments where learner = :learner order by since, course";
std::vector<Enrolment> list_enrolments(Transaction& tx, const LearnerId& learner) {
    std::vector<Enrolment> enrolments;
    for (auto& [course, since, state, order] :
         tx.rows<std::string, Timestamp, EnrolmentState, std::optional<OrderId>>(list_enrolments_sql,
                                                                                 learner))
        enrolments.push_back({std::move(course), since, state, std::move(order)});
    return enrolments;
}

constexpr std::string_view record_position_sql =
    "insert into lesson_progress (learner, course, lesson, state, position, started_at, updated_at) "
    "values (:learner, :course, :lesson, 'started', :position, :started_at, :updated_at) on conflict "
    "(learner, course, "
    "lesson) do update set position = excluded.position, updated_at = excluded.updated_at";
void record_position(Transaction& tx, const LearnerId& learner, std::string_view course,
                     std::string_view lesson, std::int64_t position, Timestamp now) {
    tx.execute(record_position_sql, learner, course, lesson, position, now, now);
}

constexpr std::string_view record_place_sql =
    "insert into lesson_progress (learner, course, lesson, state, position, place, started_at, updated_at) "
    "values (:learner, :course, :lesson, 'started', 0, :place, :started_at, :updated_at) on conflict "
    "(learner, course, lesson) do update set place = excluded.place, updated_at = excluded.updated_at";
void record_place(Transaction& tx, const LearnerId& learner, std::string_view course, std::string_view lesson,
                  const std::optional<std::string>& place, Timestamp now) {
    tx.execute(record_place_sql, learner, course, lesson, place, now, now);
}

constexpr std::string_view complete_sql =
    "insert into lesson_progress (learner, course, lesson, state, position, started_at, updated_at, "
    "completed_at) "
    "values (:learner, :course, :lesson, 'completed', 0, :started_at, :updated_at, :completed_at) on "
    "conflict (learner, "
    "course, lesson) do update set state = 'completed', updated_at = excluded.updated_at, "
    "completed_at = excluded.completed_at where lesson_progress.state <> 'completed'";
bool complete_lesson(Transaction& tx, const LearnerId& learner, std::string_view course,
                     std::string_view lesson, Timestamp now) {
    return tx.execute(complete_sql, learner, course, lesson, now, now, now) > 0;
}

void insert_all(Transaction& tx, std::span<const std::pair<LearnerId, Enrolment>> enrolments) {
    RowBatch rows("enrolments", "learner, course, since, state, order_id");
    for (const auto& [learner, enrolment] : enrolments)
        rows.add(learner, enrolment.course, enrolment.since, enrolment.state, enrolment.order);
    rows.write(tx);
}

void insert_all(Transaction& tx, std::span<const NewProgress> progress) {
    RowBatch rows("lesson_progress",
                  "learner, course, lesson, state, position, place, started_at, updated_at, completed_at");
    for (const auto& [learner, course, lesson, started_at] : progress)
        rows.add(learner, course, lesson.lesson, lesson.state, lesson.position, lesson.place, started_at,
                 lesson.updated_at, lesson.completed_at);
    rows.write(tx);
}

constexpr std::string_view list_progress_sql =
    "select lesson, state, position, place, updated_at, completed_at from lesson_progress "
    "where learner = :learner and course = :course order by lesson";
std::vector<LessonProgress> list_progress(Transaction& tx, const LearnerId& learner,
                                          std::string_view course) {
    std::vector<LessonProgress> progress;
    for (auto& [lesson, state, position, place, updated_at, completed_at] :
         tx.rows<std::string, ProgressState, std::int64_t, std::optional<std::string>, Timestamp,
                 std::optional<Timestamp>>(list_progress_sql, learner, course))
        progress.push_back({std::move(lesson), state, position, std::move(place), updated_at, completed_at});
    return progress;
}

constexpr std::string_view list_courses_sql =
    "select e.course, e.since, e.state, e.order_id, p.lesson, p.state, p.position, p.place, p.updated_at, "
    "p.completed_at from enrolments e left join lesson_progress p on p.learner = e.learner and p.course = "
    "e.course where e.learner = :taker union all select o.course, o.created_at, null, o.id, null, null, "
    "null, "
    "null, null, null from orders o where o.learner = :buyer and o.state in ('open', 'partially_paid') order "
    "by 2, 1, 4, 5";
CourseRecords list_courses(Transaction& tx, const LearnerId& learner) {
    CourseRecords own;
    for (auto& [course, since, state, order, lesson, lesson_state, position, place, updated_at,
                completed_at] :
         tx.rows<std::string, Timestamp, std::optional<EnrolmentState>, std::optional<OrderId>,
                 std::optional<std::string>, std::optional<ProgressState>, std::optional<std::int64_t>,
                 std::optional<std::string>, std::optional<Timestamp>, std::optional<Timestamp>>(
             list_courses_sql, learner, learner)) {
        if (!state) {
            own.awaiting_payment.insert_or_assign(std::move(course), std::move(*order));
            continue;
        }
        if (own.taken.empty() || own.taken.back().enrolment.course != course)
            own.taken.push_back({{std::move(course), since, *state, std::move(order)}, {}});
        if (lesson)
            own.taken.back().lessons.push_back(
                {std::move(*lesson), *lesson_state, *position, std::move(place), *updated_at, completed_at});
    }
    return own;
}

constexpr std::string_view add_watch_time_sql =
    "insert into watch_time (learner, course, lesson, media, watched_seconds, furthest_second, updated_at) "
    "values (:learner, :course, :lesson, :media, :watched, :furthest, :now) on conflict (learner, course, "
    "lesson, media) "
    "do update set watched_seconds = watch_time.watched_seconds + excluded.watched_seconds, furthest_second "
    "= case when "
    "excluded.furthest_second > watch_time.furthest_second then excluded.furthest_second else "
    "watch_time.furthest_second end, updated_at = excluded.updated_at";
void add_watch_time(Transaction& tx, const LearnerId& learner, std::string_view course,
                    std::string_view lesson, std::string_view media, std::chrono::seconds watched,
                    std::chrono::seconds furthest, Timestamp now) {
    tx.execute(add_watch_time_sql, learner, course, lesson, media, watched, furthest, now);
}

constexpr std::string_view list_watch_time_sql =
    "select media, watched_seconds, furthest_second from watch_time "
    "where learner = :learner and course = :course and lesson = :lesson order by media";
std::vector<WatchTime> list_watch_time(Transaction& tx, const LearnerId& learner, std::string_view course,
                                       std::string_view lesson) {
    std::vector<WatchTime> times;
    for (auto& [media, watched, furthest] : tx.rows<std::string, std::chrono::seconds, std::chrono::seconds>(
             list_watch_time_sql, learner, course, lesson))
        times.push_back({std::move(media), watched, furthest});
    return times;
}

}  // namespace calyptenora::storage::learning
