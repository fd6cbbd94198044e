#include "platform/study_times.hpp"

#include "storage/stores/learning.hpp"

#include <algorithm>

namespace calyptenora::platform {
namespace {

using std::chrono::seconds;

seconds whole_seconds(storage::Timestamp from, storage::Timestamp until) {
    return std::max(seconds(0), std::chrono::duration_cast<seconds>(until - from));
}

/// Nobody said anything for longer than a report covers: what was before is told, and no reserve is left of
/// it for what comes.
bool was_silent(const storage::StudyClock& clock, storage::Timestamp now) {
    return now - clock.counted_until > StudyTimes::longest_report;
}

}  // namespace

boost::asio::awaitable<Status> StudyTimes::switch_on(storage::LearnerId learner) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::study_time::switch_on(tx, learner, clock_.now());
        return {};
    });
}

boost::asio::awaitable<Status> StudyTimes::switch_off(storage::LearnerId learner) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::study_time::switch_off(tx, learner);
        return {};
    });
}

boost::asio::awaitable<Status> StudyTimes::forget(storage::LearnerId learner) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::study_time::forget(tx, learner);
        return {};
    });
}

boost::asio::awaitable<Result<OwnStudyTime>> StudyTimes::find(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<OwnStudyTime> {
        OwnStudyTime own;
        if (const auto clock = storage::study_time::find_clock(tx, learner))
            own.since = clock->since;
        own.times = storage::study_time::list(tx, learner);
        return own;
    });
}

boost::asio::awaitable<Result<bool>> StudyTimes::open_lesson(storage::LearnerId learner, std::string course,
                                                             std::string lesson) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<bool> {
        auto clock = storage::study_time::lock_clock(tx, learner);
        if (!clock)
            return false;
        const auto now = clock_.now();
        if (clock->course && clock->lesson && !clock->reports) {
            const auto from = std::max(clock->opened_at, clock->counted_until);
            const auto spent = std::min<seconds>(whole_seconds(from, now), longest_page);
            if (spent > seconds(0))
                storage::study_time::add(tx, learner, *clock->course, *clock->lesson, spent, now);
            clock->counted_until = std::max(clock->counted_until, now);
        }
        if (was_silent(*clock, now))
            clock->counted_until = now;
        clock->course = course;
        clock->lesson = lesson;
        clock->opened_at = now;
        clock->reports = false;
        storage::study_time::set_clock(tx, learner, *clock);
        return true;
    });
}

boost::asio::awaitable<Status> StudyTimes::report(storage::LearnerId learner, std::string course,
                                                  std::string lesson, seconds spent) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    if (!contents || !contents->find_lesson(lesson))
        co_return Error(ErrorKind::not_found, "there is no such lesson");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto enrolment = storage::learning::find_enrolment(tx, learner, course);
        if (!enrolment || enrolment->state == storage::EnrolmentState::cancelled)
            return Error(ErrorKind::denied, "this course has not been taken up");
        auto clock = storage::study_time::lock_clock(tx, learner);
        if (!clock)
            return Error(ErrorKind::denied, "the learning time is not counted");
        if (clock->course == course && clock->lesson == lesson)
            clock->reports = true;
        const auto now = clock_.now();
        // What was not said for longer than a report covers is not made up for later.
        const auto from = std::max(clock->counted_until, now - longest_report);
        const auto counted = std::clamp(spent, seconds(0), whole_seconds(from, now));
        clock->counted_until = was_silent(*clock, now) ? now : from + counted;
        storage::study_time::set_clock(tx, learner, *clock);
        if (counted > seconds(0))
            storage::study_time::add(tx, learner, course, lesson, counted, now);
        return {};
    });
}

}  // namespace calyptenora::platform
