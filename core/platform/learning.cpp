#include "platform/learning.hpp"

#include "platform/learning_events.hpp"
#include "platform/place.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/learning.hpp"

#include <span>

namespace calyptenora::platform {
namespace {

/// A report of watched time covers at most this much; a longer one is cut.
constexpr std::chrono::seconds longest_report{60};

Error not_enrolled() {
    return Error(ErrorKind::denied, "this course has not been taken up");
}

CourseStanding make_standing(const std::optional<storage::Enrolment>& enrolment,
                             std::span<const storage::LessonProgress> lessons) {
    CourseStanding standing;
    standing.enrolled = enrolment && enrolment->state != storage::EnrolmentState::cancelled;
    if (enrolment)
        standing.enrolled_at = enrolment->since;
    for (const auto& progress : lessons) {
        if (progress.state == storage::ProgressState::completed)
            standing.completed.insert(progress.lesson);
        if (progress.place)
            standing.places[progress.lesson] = *progress.place;
        if (progress.updated_at < standing.latest_at)
            continue;
        standing.latest_at = progress.updated_at;
        standing.latest_lesson = progress.lesson;
    }
    return standing;
}

CourseStanding read_standing(storage::Transaction& tx, const storage::LearnerId& learner,
                             const std::string& course) {
    return make_standing(storage::learning::find_enrolment(tx, learner, course),
                         storage::learning::list_progress(tx, learner, course));
}

bool is_enrolled(storage::Transaction& tx, const storage::LearnerId& learner, const std::string& course) {
    const auto enrolment = storage::learning::find_enrolment(tx, learner, course);
    return enrolment && enrolment->state != storage::EnrolmentState::cancelled;
}

}  // namespace

OwnCourses read_own_courses(storage::Transaction& tx, const storage::LearnerId& learner) {
    auto kept = storage::learning::list_courses(tx, learner);
    OwnCourses own{{}, std::move(kept.awaiting_payment)};
    for (const auto& [enrolment, lessons] : kept.taken)
        own.standings.emplace(enrolment.course, make_standing(enrolment, lessons));
    return own;
}

bool is_done(const Course& course, const CourseStanding& standing) {
    return std::ranges::all_of(
        course.lessons(), [&](const Lesson* lesson) { return standing.completed.contains(lesson->slug); });
}

std::vector<const Course*> missing_prerequisites(const Catalogue& catalogue, const Course& course,
                                                 const std::map<std::string, CourseStanding>& standings) {
    std::vector<const Course*> missing;
    for (const auto& one : course.prerequisites) {
        const auto* before = catalogue.find_course(one.course);
        const auto standing = standings.find(one.course);
        if (before && one.demand == Prerequisite::Demand::required &&
            (standing == standings.end() || !is_done(*before, standing->second)))
            missing.push_back(before);
    }
    return missing;
}

Learning::Learning(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                   const CatalogueHolder& catalogue, std::string platform_origin)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      catalogue_(catalogue),
      origin_(std::move(platform_origin)) {}

// Names and addresses are only fetched because a recipient might have been granted them; the gate leaves out
// the rest.
Result<LearningEvent> Learning::make_event(storage::Transaction& tx,
                                           const storage::LearnerId& learner) const {
    auto contact = storage::learners::load_contact(tx, cipher_, learner);
    if (!contact)
        return contact.error();
    LearningEvent event;
    event.platform = origin_;
    event.name = std::move(contact->display_name);
    event.email = std::move(contact->email);
    if (const auto found = storage::learners::find(tx, learner))
        event.language = found->language;
    return event;
}

analytics::Progress Learning::describe(analytics::Verb verb, const Course& course,
                                       const Lesson* lesson) const {
    analytics::Progress progress;
    progress.verb = verb;
    progress.course = course.slug;
    progress.course_title = course.title;
    if (lesson) {
        progress.lesson = lesson->slug;
        progress.lesson_title = lesson->title;
    }
    progress.language = course.language;
    progress.occurred_at = storage::microseconds_of(gate_.clock().now());
    return progress;
}

Status Learning::grant(storage::Transaction& tx, const storage::LearnerId& learner, const std::string& course,
                       const std::optional<storage::OrderId>& order) const {
    const auto enrolled = storage::learning::enrol(tx, learner, course, order, gate_.clock().now());
    if (enrolled == storage::learning::Enrolled::before)
        return {};
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    if (!contents)
        return {};
    auto event = make_event(tx, learner);
    if (!event)
        return event.error();
    event->enrolment = describe(analytics::Verb::enrolled, *contents, nullptr);
    return queue_learning_event(tx, cipher_, gate_, learner, *event);
}

Status Learning::check_prerequisites(storage::Transaction& tx, const storage::LearnerId& learner,
                                     const Course& course) const {
    if (course.prerequisites.empty() || is_enrolled(tx, learner, course.slug))
        return {};
    std::map<std::string, CourseStanding> standings;
    for (const auto& one : course.prerequisites)
        standings[one.course] = read_standing(tx, learner, one.course);
    const auto catalogue = catalogue_.current();
    const auto missing = missing_prerequisites(*catalogue, course, standings);
    if (!missing.empty())
        return Error(ErrorKind::conflict,
                     fmt::format("{} comes before {}", missing.front()->slug, course.slug));
    return {};
}

boost::asio::awaitable<Status> Learning::enrol(storage::LearnerId learner, std::string course) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    if (!contents)
        co_return Error(ErrorKind::not_found, "there is no such course");
    if (!contents->is_free())
        co_return Error(ErrorKind::denied, "this course must be bought");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto may = check_prerequisites(tx, learner, *contents); !may)
            return may;
        return grant(tx, learner, course, std::nullopt);
    });
}

boost::asio::awaitable<Result<CourseStanding>> Learning::standing(storage::LearnerId learner,
                                                                  std::string course) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<CourseStanding> {
        auto standing = read_standing(tx, learner, course);
        for (const auto* lesson : contents ? contents->lessons() : std::vector<const Lesson*>()) {
            if (lesson->videos().empty())
                continue;
            for (const auto& watched : storage::learning::list_watch_time(tx, learner, course, lesson->slug))
                standing.watched_to[lesson->slug + "/" + watched.media] = watched.furthest.count();
        }
        return standing;
    });
}

boost::asio::awaitable<Status> Learning::open_lesson(storage::LearnerId learner, std::string course,
                                                     std::string lesson) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    const auto* opened = contents ? contents->find_lesson(lesson) : nullptr;
    if (!opened)
        co_return Error(ErrorKind::not_found, "there is no such lesson");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!is_enrolled(tx, learner, course))
            return not_enrolled();
        const auto progress = storage::learning::list_progress(tx, learner, course);
        const auto before = std::find_if(progress.begin(), progress.end(),
                                         [&](const auto& known) { return known.lesson == lesson; });
        const auto position = before == progress.end() ? 0 : before->position;
        // Looking at a lesson is told to nobody; completing it may be.
        storage::learning::record_position(tx, learner, course, lesson, position, gate_.clock().now());
        return {};
    });
}

boost::asio::awaitable<Status> Learning::leave_lesson(storage::LearnerId learner, std::string course,
                                                      std::string lesson, std::string place) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    const auto* left = contents ? contents->find_lesson(lesson) : nullptr;
    if (!left)
        co_return Error(ErrorKind::not_found, "there is no such lesson");
    if (!place.empty() && !is_place_in(*left, place))
        co_return Error(ErrorKind::invalid_input, "there is no such place in this lesson");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!is_enrolled(tx, learner, course))
            return not_enrolled();
        storage::learning::record_place(tx, learner, course, lesson,
                                        place.empty() ? std::nullopt : std::optional(place),
                                        gate_.clock().now());
        return {};
    });
}

boost::asio::awaitable<Status> Learning::complete_lesson(storage::LearnerId learner, std::string course,
                                                         std::string lesson) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    const auto* completed = contents ? contents->find_lesson(lesson) : nullptr;
    if (!completed)
        co_return Error(ErrorKind::not_found, "there is no such lesson");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!is_enrolled(tx, learner, course))
            return not_enrolled();
        if (!storage::learning::complete_lesson(tx, learner, course, lesson, gate_.clock().now()))
            return {};
        auto event = make_event(tx, learner);
        if (!event)
            return event.error();
        event->progress = describe(analytics::Verb::completed, *contents, completed);
        return queue_learning_event(tx, cipher_, gate_, learner, *event);
    });
}

boost::asio::awaitable<Status> Learning::watch(storage::LearnerId learner, std::string course,
                                               std::string lesson, std::string slot, std::int64_t seconds,
                                               std::int64_t position) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    const auto* opened = contents ? contents->find_lesson(lesson) : nullptr;
    const auto videos = opened ? opened->videos() : std::vector<const VideoSlot*>();
    if (std::none_of(videos.begin(), videos.end(), [&](const auto* video) { return video->id == slot; }))
        co_return Error(ErrorKind::not_found, "there is no such video");
    const auto watched = std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(0), longest_report);
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!is_enrolled(tx, learner, course))
            return not_enrolled();
        const auto now = gate_.clock().now();
        storage::learning::add_watch_time(tx, learner, course, lesson, slot, watched,
                                          std::chrono::seconds(position), now);
        auto event = make_event(tx, learner);
        if (!event)
            return event.error();
        event->media = analytics::MediaUse{course,
                                           lesson,
                                           slot,
                                           static_cast<double>(watched.count()),
                                           static_cast<double>(position),
                                           storage::microseconds_of(now)};
        return queue_learning_event(tx, cipher_, gate_, learner, *event);
    });
}

}  // namespace calyptenora::platform
