#include "storage/stores/study_time.hpp"

#include "storage/row_batch.hpp"
#include "storage/stores/population.hpp"

namespace calyptenora::storage::study_time {
namespace {

constexpr std::string_view clock_columns =
    "select since, counted_until, course, lesson, opened_at, reports from study_clocks where learner = "
    ":learner";

std::optional<StudyClock> read_clock(Transaction& tx, const std::string& sql, const LearnerId& learner) {
    auto row = tx.find<Timestamp, Timestamp, std::optional<std::string>, std::optional<std::string>,
                       Timestamp, std::int64_t>(sql, learner);
    if (!row)
        return std::nullopt;
    auto& [since, counted_until, course, lesson, opened_at, reports] = *row;
    return StudyClock{since, counted_until, std::move(course), std::move(lesson), opened_at, reports != 0};
}

}  // namespace

constexpr std::string_view switch_on_sql =
    "insert into study_clocks (learner, since, counted_until, opened_at, reports) "
    "values (:learner, :since, :counted_until, :opened_at, 0) on conflict (learner) do nothing";
void switch_on(Transaction& tx, const LearnerId& learner, Timestamp now) {
    tx.execute(switch_on_sql, learner, now, now, now);
}

constexpr std::string_view switch_off_sql = "delete from study_clocks where learner = :learner";
void switch_off(Transaction& tx, const LearnerId& learner) {
    tx.execute(switch_off_sql, learner);
}

std::optional<StudyClock> find_clock(Transaction& tx, const LearnerId& learner) {
    return read_clock(tx, std::string(clock_columns), learner);
}

std::optional<StudyClock> lock_clock(Transaction& tx, const LearnerId& learner) {
    return read_clock(tx, std::string(clock_columns).append(lock_rows(tx.dialect())), learner);
}

constexpr std::string_view set_clock_sql =
    "update study_clocks set counted_until = :counted_until, course = :course, lesson = :lesson, "
    "opened_at = :opened_at, reports = :reports where learner = :learner";
void set_clock(Transaction& tx, const LearnerId& learner, const StudyClock& clock) {
    tx.execute(set_clock_sql, clock.counted_until, clock.course, clock.lesson, clock.opened_at,
               std::int64_t{clock.reports}, learner);
}

constexpr std::string_view add_sql =
    "insert into study_time (learner, course, lesson, seconds, updated_at) "
    "values (:learner, :course, :lesson, :seconds, :now) on conflict (learner, course, lesson) "
    "do update set seconds = study_time.seconds + excluded.seconds, updated_at = excluded.updated_at";
void add(Transaction& tx, const LearnerId& learner, std::string_view course, std::string_view lesson,
         std::chrono::seconds spent, Timestamp now) {
    tx.execute(add_sql, learner, course, lesson, spent, now);
}

void insert_all(Transaction& tx, std::span<const std::pair<LearnerId, StudyClock>> clocks) {
    RowBatch rows("study_clocks", "learner, since, counted_until, course, lesson, opened_at, reports");
    for (const auto& [learner, clock] : clocks)
        rows.add(learner, clock.since, clock.counted_until, clock.course, clock.lesson, clock.opened_at,
                 std::int64_t{clock.reports});
    rows.write(tx);
}

void insert_all(Transaction& tx, std::span<const NewTime> times) {
    RowBatch rows("study_time", "learner, course, lesson, seconds, updated_at");
    for (const auto& [learner, time, updated_at] : times)
        rows.add(learner, time.course, time.lesson, time.spent, updated_at);
    rows.write(tx);
}

constexpr std::string_view list_sql =
    "select course, lesson, seconds from study_time where learner = :learner "
    "order by seconds desc, course, lesson";
std::vector<StudyTime> list(Transaction& tx, const LearnerId& learner) {
    std::vector<StudyTime> times;
    for (auto& [course, lesson, spent] :
         tx.rows<std::string, std::string, std::chrono::seconds>(list_sql, learner))
        times.push_back({std::move(course), std::move(lesson), spent});
    return times;
}

constexpr std::string_view forget_sql = "delete from study_time where learner = :learner";
void forget(Transaction& tx, const LearnerId& learner) {
    tx.execute(forget_sql, learner);
}

}  // namespace calyptenora::storage::study_time
