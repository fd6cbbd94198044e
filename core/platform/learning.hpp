#pragma once

#include "gate/gate.hpp"
#include "platform/courses/catalogue.hpp"
#include "platform/learning_events.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/ids.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// Taking part in courses: enrolment, progress, where one left off. Every step that analytics may learn of is
/// queued in the same transaction, for those recipients only that may have it now.
namespace calyptenora::platform {

/// Where a learner stands in one course.
struct CourseStanding {
    bool enrolled = false;
    storage::Timestamp enrolled_at{};
    std::set<std::string> completed;           ///< Slugs of lessons.
    std::optional<std::string> latest_lesson;  ///< The lesson that was open last.
    storage::Timestamp latest_at{};
    std::map<std::string, std::string> places;       ///< Where lessons were left, by slug: place.hpp.
    std::map<std::string, std::int64_t> watched_to;  ///< `lesson/slot` to the second reached in its video.
};

/// What a learner has taken up or ordered, by slug of the course.
struct OwnCourses {
    std::map<std::string, CourseStanding> standings;  ///< Without `watched_to`.
    /// The newest order that waits for its money.
    std::map<std::string, storage::OrderId> awaiting_payment;
};

OwnCourses read_own_courses(storage::Transaction& tx, const storage::LearnerId& learner);

/// True if all lessons that the course has now are completed.
bool is_done(const Course& course, const CourseStanding& standing);

/// What the course demands and the learner has not done yet, by what is in the catalogue now.
std::vector<const Course*> missing_prerequisites(const Catalogue& catalogue, const Course& course,
                                                 const std::map<std::string, CourseStanding>& standings);

class Learning {
  public:
    Learning(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
             const CatalogueHolder& catalogue, std::string platform_origin);

    /// Takes up a free course. `denied` if it costs something, `not_found` if there is none, `conflict` if a
    /// required one comes first; fine if taken already.
    boost::asio::awaitable<Status> enrol(storage::LearnerId learner, std::string course);

    /// `not_found` only when the database cannot be read; a course never taken is not enrolled.
    boost::asio::awaitable<Result<CourseStanding>> standing(storage::LearnerId learner, std::string course);

    /// The lesson is open in front of the learner. Needs an enrolment (`denied` without).
    boost::asio::awaitable<Status> open_lesson(storage::LearnerId learner, std::string course,
                                               std::string lesson);

    /// Left at this place of its text (place.hpp), or at its beginning if it is empty. `invalid_input` for
    /// what is no place in this lesson. Needs an enrolment.
    boost::asio::awaitable<Status> leave_lesson(storage::LearnerId learner, std::string course,
                                                std::string lesson, std::string place);

    /// Marked as complete; doing it twice is once. Needs an enrolment.
    boost::asio::awaitable<Status> complete_lesson(storage::LearnerId learner, std::string course,
                                                   std::string lesson);

    /// Watched on in a video: `seconds` more (at most what can have passed since the last report), now at
    /// `position`.
    boost::asio::awaitable<Status> watch(storage::LearnerId learner, std::string course, std::string lesson,
                                         std::string slot, std::int64_t seconds, std::int64_t position);

    /// `conflict` if the course demands another one that the learner has not done. Who takes it already may
    /// go on, whatever is demanded later.
    Status check_prerequisites(storage::Transaction& tx, const storage::LearnerId& learner,
                               const Course& course) const;

    /// Opens the course, for somebody who has paid within the transaction that records the payment.
    Status grant(storage::Transaction& tx, const storage::LearnerId& learner, const std::string& course,
                 const std::optional<storage::OrderId>& order) const;

  private:
    Result<LearningEvent> make_event(storage::Transaction& tx, const storage::LearnerId& learner) const;
    analytics::Progress describe(analytics::Verb verb, const Course& course, const Lesson* lesson) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    const CatalogueHolder& catalogue_;
    std::string origin_;
};

}  // namespace calyptenora::platform
