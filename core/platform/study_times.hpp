#pragma once

#include "platform/courses/catalogue.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/stores/study_time.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// How long learners learnt, counted for themselves and only for those who have switched it on. No moment
/// counts twice, however many windows and devices say so, and no report counts for more than has passed.
namespace calyptenora::platform {

/// What a learner sees of it.
struct OwnStudyTime {
    std::optional<storage::Timestamp> since;  ///< When it was switched on; nothing if it is off.
    std::vector<storage::StudyTime> times;    ///< The longest first.
};

class StudyTimes {
  public:
    StudyTimes(storage::Database& database, const storage::Clock& clock, const CatalogueHolder& catalogue)
        : database_(database), clock_(clock), catalogue_(catalogue) {}

    boost::asio::awaitable<Status> switch_on(storage::LearnerId learner);
    /// What was counted stays.
    boost::asio::awaitable<Status> switch_off(storage::LearnerId learner);
    /// Deletes what was counted.
    boost::asio::awaitable<Status> forget(storage::LearnerId learner);
    boost::asio::awaitable<Result<OwnStudyTime>> find(storage::LearnerId learner);

    /// A lesson's page is opened. The time since the page before counts for that one if it did not report
    /// itself, at most `longest_page`. Yields whether it is on.
    boost::asio::awaitable<Result<bool>> open_lesson(storage::LearnerId learner, std::string course,
                                                     std::string lesson);
    static constexpr std::chrono::minutes longest_page{5};

    /// A lesson's page says that somebody has learnt there for so long since its last report; a first one
    /// says 0. `denied` if it is off or the course is not taken, `not_found` if there is no such lesson.
    boost::asio::awaitable<Status> report(storage::LearnerId learner, std::string course, std::string lesson,
                                          std::chrono::seconds spent);
    /// Pages report every half minute.
    static constexpr std::chrono::seconds longest_report{60};

  private:
    storage::Database& database_;
    const storage::Clock& clock_;
    const CatalogueHolder& catalogue_;
};

}  // namespace calyptenora::platform
