#include "http/pages/learning_views.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "web/format.hpp"

#include <charconv>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using std::chrono::seconds;

constexpr std::size_t most_used = 10;

/// The lessons and courses that are there still, the longest first.
boost::json::object study_view(const Visit& visit, const platform::OwnStudyTime& own) {
    const auto catalogue = visit.services().catalogue.current();
    std::map<std::string, seconds> by_course;
    boost::json::array lessons, courses;
    seconds total(0);
    for (const auto& time : own.times) {
        total += time.spent;
        by_course[time.course] += time.spent;
        const auto* course = catalogue->find_course(time.course);
        const auto* lesson = course ? course->find_lesson(time.lesson) : nullptr;
        if (lesson && lessons.size() < most_used)
            lessons.push_back({{"title", lesson->title},
                               {"course_title", course->title},
                               {"lang", course->language},
                               {"url", lesson_url(*course, *lesson)},
                               {"spent_text", web::format_duration(time.spent, visit.language())}});
    }
    for (const auto& [slug, spent] : by_course) {
        const auto* course = catalogue->find_course(slug);
        courses.push_back({{"title", course ? course->title : slug},
                           {"lang", course ? course->language : ""},
                           {"spent_text", web::format_duration(spent, visit.language())}});
    }
    boost::json::object view{{"lessons", std::move(lessons)}, {"courses", std::move(courses)}};
    if (total > seconds(0))
        view["total_text"] = web::format_duration(total, visit.language());
    if (own.since)
        view["since"] = date_text(visit, *own.since);
    return view;
}

awaitable<Response> show_study_time(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto own = co_await visit.services().study_times.find(visit.learner()->id);
    if (!own)
        co_return visit.problem(own.error());
    co_return visit.page("learning_time", study_view(visit, *own), Section::account);
}

awaitable<Response> change_study_time(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    auto& study_times = visit.services().study_times;
    const auto& learner = visit.learner()->id;
    const auto wish = visit.field("wish");
    const auto done = wish == "on"       ? co_await study_times.switch_on(learner)
                      : wish == "off"    ? co_await study_times.switch_off(learner)
                      : wish == "forget" ? co_await study_times.forget(learner)
                                         : Status(Error(ErrorKind::invalid_input, "no such wish"));
    if (!done)
        co_return visit.problem(done.error());
    co_return visit.back_to(visit.return_path("/learning-time"), "saved");
}

awaitable<Response> report_time(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return Response::make_empty(403);
    const auto text = visit.field("seconds");
    int spent = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), spent).ec != std::errc() || spent < 0)
        co_return Response::make_empty(404);
    const auto kept = co_await visit.services().study_times.report(visit.learner()->id, visit.field("course"),
                                                                   visit.field("lesson"), seconds(spent));
    co_return Response::make_empty(kept ? 204 : 404);
}

}  // namespace

void add_study_pages(PageRoutes& routes) {
    routes.get("/learning-time", show_study_time);
    routes.post("/learning-time", change_study_time);
    routes.post("/progress/time", report_time);
}

}  // namespace calyptenora::http
