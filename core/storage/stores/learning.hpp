#pragma once

#include "storage/transaction.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which course a learner takes and how far it went. Courses and lessons are named by their ids in the course
/// folders. Caller: platform.
namespace calyptenora::storage {

enum class EnrolmentState : unsigned char { active, completed, cancelled };
BOOST_DESCRIBE_ENUM(EnrolmentState, active, completed, cancelled)

struct Enrolment {
    std::string course;
    Timestamp since;
    EnrolmentState state;
    /// The order that opened it, if it costs money.
    std::optional<OrderId> order;
};

enum class ProgressState : unsigned char { started, completed };
BOOST_DESCRIBE_ENUM(ProgressState, started, completed)

struct LessonProgress {
    std::string lesson;
    ProgressState state;
    /// Where to go on: seconds into the video, or per mille of the page.
    std::int64_t position;
    /// Where in the text it was left, in the platform's words; nothing at its beginning.
    std::optional<std::string> place;
    Timestamp updated_at;
    std::optional<Timestamp> completed_at;
};

struct CourseProgress {
    Enrolment enrolment;
    std::vector<LessonProgress> lessons;
};

/// What a learner has taken up or ordered.
struct CourseRecords {
    std::vector<CourseProgress> taken;  ///< Oldest first.
    /// By course, the newest order that waits for its money.
    std::map<std::string, OrderId> awaiting_payment;
};

struct WatchTime {
    std::string media;
    std::chrono::seconds watched;
    std::chrono::seconds furthest;
};

namespace learning {

/// Whether the enrolment is new. A cancelled one becomes active again.
enum class Enrolled : unsigned char { now, before };
Enrolled enrol(Transaction& tx, const LearnerId& learner, std::string_view course,
               const std::optional<OrderId>& order, Timestamp now);
/// False if there is no such enrolment.
bool set_enrolment_state(Transaction& tx, const LearnerId& learner, std::string_view course,
                         EnrolmentState state);
std::optional<Enrolment> find_enrolment(Transaction& tx, const LearnerId& learner, std::string_view course);
std::vector<Enrolment> list_enrolments(Transaction& tx, const LearnerId& learner);

/// Starts the lesson or moves the place to go on; never takes a completion back.
void record_position(Transaction& tx, const LearnerId& learner, std::string_view course,
                     std::string_view lesson, std::int64_t position, Timestamp now);
/// Keeps where a lesson was left, which thereby was open last.
void record_place(Transaction& tx, const LearnerId& learner, std::string_view course, std::string_view lesson,
                  const std::optional<std::string>& place, Timestamp now);
/// Whether it was completed by this call; false if it had been before.
bool complete_lesson(Transaction& tx, const LearnerId& learner, std::string_view course,
                     std::string_view lesson, Timestamp now);
std::vector<LessonProgress> list_progress(Transaction& tx, const LearnerId& learner, std::string_view course);
/// In one statement, since front pages show all of it.
CourseRecords list_courses(Transaction& tx, const LearnerId& learner);

/// Adds what was watched since the last report.
void add_watch_time(Transaction& tx, const LearnerId& learner, std::string_view course,
                    std::string_view lesson, std::string_view media, std::chrono::seconds watched,
                    std::chrono::seconds furthest, Timestamp now);
std::vector<WatchTime> list_watch_time(Transaction& tx, const LearnerId& learner, std::string_view course,
                                       std::string_view lesson);

}  // namespace learning
}  // namespace calyptenora::storage
