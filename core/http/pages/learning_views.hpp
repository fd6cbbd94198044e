#pragma once

#include "http/pages/visit.hpp"
#include "http/security_headers.hpp"
#include "platform/courses/course.hpp"
#include "platform/learning.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <vector>

/// Courses and lessons as view models.
namespace calyptenora::http {

/// Where a lesson goes on: at the place where it was left, else at its beginning. Without scripts at the
/// heading above.
std::string resume_url(const platform::Course& course, const platform::Lesson& lesson,
                       const platform::CourseStanding& standing);
std::string lesson_url(const platform::Course& course, const platform::Lesson& lesson);

/// What is said about a course wherever it is named.
boost::json::object course_summary(const platform::Course& course, web::Language language);

/// Adds percent, done and total.
void add_progress(const platform::Course& course, const platform::CourseStanding& standing,
                  boost::json::object& view);

/// What is to be done by when, at most `most`, as due_parts orders it.
boost::json::array due_view(const Visit& visit, const platform::Catalogue& catalogue,
                            const std::map<std::string, platform::CourseStanding>& standings,
                            std::size_t most);

/// Why a course cannot be taken yet: which courses are not done, and how many lessons of those begun.
boost::json::object locked_view(const Visit& visit, const std::vector<const platform::Course*>& missing,
                                const std::map<std::string, platform::CourseStanding>& standings);

/// The courses to be done before this one, and how far the learner is in them.
boost::json::array prerequisites_view(const platform::Catalogue& catalogue, const platform::Course& course,
                                      const std::map<std::string, platform::CourseStanding>& standings);

/// The page of a course, except for what can be done with it.
boost::json::object course_view(const Visit& visit, const platform::Course& course,
                                const platform::CourseStanding& standing);

/// What the learner noted down in this lesson.
boost::asio::awaitable<boost::json::array> notes_of_lesson(const Visit& visit, const platform::Course& course,
                                                           const platform::Lesson& lesson);

/// How long the learner learnt in this course, and whether that is counted.
void add_study_time(const Visit& visit, const platform::Course& course, const platform::OwnStudyTime& own,
                    boost::json::object& view);

/// The page of a lesson, except for its blocks.
boost::json::object lesson_view(const Visit& visit, const platform::Course& course,
                                const platform::Lesson& lesson, const platform::CourseStanding& standing);

/// A third party's frame in a page, and the permission to send that page.
struct AdmittedFrame {
    Origin origin;
    std::unique_ptr<gate::Emission> emission;
};

/// The blocks of a lesson: text, players of ours, external players that this person admits now, and
/// placeholders for those that they do not. Adds the frames that it made. They are admitted last: the answer
/// is to be sent soon after.
boost::asio::awaitable<boost::json::array> block_views(const Visit& visit, const platform::Course& course,
                                                       const platform::Lesson& lesson,
                                                       const platform::CourseStanding& standing,
                                                       std::vector<AdmittedFrame>& frames);

/// The video slot of this id, or nullptr.
const platform::VideoSlot* find_slot(const platform::Lesson& lesson, std::string_view id);

/// The flow by which an external video would be played, or nullptr if no instance plays it.
const gate::PolicyFlow* flow_of_slot(const Visit& visit, const platform::VideoSlot& slot);

/// Records the choice behind "play once" or "always", and leads back to the lesson.
boost::asio::awaitable<Response> record_play(const Visit& visit, const gate::PolicyFlow& row,
                                             const platform::Course& course, const platform::Lesson& lesson,
                                             const platform::VideoSlot& slot);

}  // namespace calyptenora::http
