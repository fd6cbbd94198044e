#include "http/pages/catalogue_views.hpp"
#include "http/pages/course_cards.hpp"
#include "http/pages/learning_views.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using platform::Course;
using platform::CourseStanding;

awaitable<CourseStanding> standing_of(const Visit& visit, const Course& course) {
    if (!visit.learner())
        co_return CourseStanding();
    auto standing = co_await visit.services().learning.standing(visit.learner()->id, course.slug);
    co_return standing ? std::move(*standing) : CourseStanding();
}

/// The card of a course, with where the learner stands if they have taken or ordered it.
boost::json::object card_view(const Visit& visit, const Course& course, const CourseCards::BySlug& cards) {
    const auto& own = visit.own_courses();
    const auto found = own.standings.find(course.slug);
    const bool is_enrolled = found != own.standings.end() && found->second.enrolled;
    if (!is_enrolled && !own.awaiting_payment.contains(course.slug))
        return {{"card_html", cards.at(course.slug)}};
    auto card = course_card(course, visit.language());
    if (is_enrolled) {
        add_progress(course, found->second, card);
        card["enrolled"] = true;
    } else {
        card["awaiting_payment"] = true;
    }
    return {{"card_html", visit.services().renderer.render("fragments/course_card", card, visit.language())}};
}

/// Where the learner was last, in any course; nothing if nowhere yet.
std::optional<boost::json::object> resume_view(const platform::Catalogue& catalogue,
                                               const std::map<std::string, CourseStanding>& standings) {
    const Course* latest = nullptr;
    for (const auto& [slug, standing] : standings) {
        const auto* course = catalogue.find_course(slug);
        if (course && standing.enrolled && standing.latest_lesson &&
            course->find_lesson(*standing.latest_lesson) &&
            (!latest || standing.latest_at > standings.at(latest->slug).latest_at))
            latest = course;
    }
    if (!latest)
        return std::nullopt;
    const auto& standing = standings.at(latest->slug);
    const auto& lesson = *latest->find_lesson(*standing.latest_lesson);
    boost::json::object resume{{"course_title", latest->title},
                               {"lesson_title", lesson.title},
                               {"url", resume_url(*latest, lesson, standing)}};
    add_progress(*latest, standing, resume);
    return resume;
}

/// What is due later than these is found in its course.
constexpr std::size_t most_due = 5;

awaitable<Response> show_home(Visit& visit, const PathParams&) {
    const auto catalogue = visit.services().catalogue.current();
    const auto query = read_course_query(visit, *catalogue);
    const auto found = co_await visit.services().catalogue_search.find(*catalogue, query);
    if (!found)
        co_return visit.problem(found.error());
    const auto cards = visit.services().course_cards.find(catalogue, visit.language());
    const CataloguePage page(visit, found->size());
    boost::json::array courses;
    for (auto at = page.begin(); at < page.end(); ++at)
        courses.push_back(card_view(visit, *(*found)[at], *cards));
    boost::json::object view{
        {"courses", std::move(courses)}, {"count", found->size()}, {"asked", !query.is_empty()}};
    if (!catalogue->courses().empty())
        view["search"] = search_view(visit, *catalogue, query);
    if (page.total() > 1)
        view["pager"] = page.view(query);
    if (query.is_empty() && page.number() == 1)
        if (auto resume = resume_view(*catalogue, visit.own_courses().standings))
            view["resume"] = std::move(*resume);
    if (query.is_empty() && page.number() == 1)
        view["due"] = due_view(visit, *catalogue, visit.own_courses().standings, most_due);
    co_return visit.page("home", std::move(view), Section::courses);
}

awaitable<Response> show_course(Visit& visit, const PathParams& path) {
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = catalogue->find_course(path.at("slug"));
    if (!course)
        co_return visit.not_found();
    const auto& own = visit.own_courses();
    const auto found = own.standings.find(course->slug);
    const auto standing = found == own.standings.end() ? CourseStanding() : found->second;
    auto view = course_view(visit, *course, standing);
    if (!course->prerequisites.empty())
        view["prerequisites"] = prerequisites_view(*catalogue, *course, own.standings);
    if (!visit.learner())
        view["guest"] = true;
    else if (!standing.enrolled) {
        if (const auto order = own.awaiting_payment.find(course->slug);
            order != own.awaiting_payment.end() && !course->is_free())
            view["awaiting"] = {{"order_url", "/orders/" + order->second.text()}};
        else if (const auto missing = platform::missing_prerequisites(*catalogue, *course, own.standings);
                 !missing.empty())
            view["locked"] = locked_view(visit, missing, own.standings);
        else if (course->is_free())
            view["enrol"] = true;
        else
            view["order"] = true;
    } else if (const auto times = co_await visit.services().study_times.find(visit.learner()->id)) {
        add_study_time(visit, *course, *times, view);
    }
    co_return visit.page("course", std::move(view), Section::courses);
}

awaitable<Response> enrol(Visit& visit, const PathParams& path) {
    const auto& slug = path.at("slug");
    if (!visit.learner())
        co_return redirect("/sign-in?return_to=/courses/" + slug);
    const auto enrolled = co_await visit.services().learning.enrol(visit.learner()->id, slug);
    if (!enrolled && enrolled.error().kind == ErrorKind::conflict)
        co_return visit.back_to("/courses/" + slug, "prerequisites_first");
    if (!enrolled)
        co_return visit.problem(enrolled.error());
    co_return visit.back_to("/courses/" + slug, "enrolled");
}

/// Whether this person may read the lessons: free courses are open to everybody, others to who has paid.
bool may_read(const Course& course, const CourseStanding& standing) {
    return course.is_free() || standing.enrolled;
}

awaitable<Response> show_lesson(Visit& visit, const PathParams& path) {
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = catalogue->find_course(path.at("slug"));
    const auto* lesson = course ? course->find_lesson(path.at("lesson")) : nullptr;
    if (!lesson)
        co_return visit.not_found();
    const auto standing = co_await standing_of(visit, *course);
    if (!may_read(*course, standing))
        co_return redirect("/courses/" + course->slug);
    auto view = lesson_view(visit, *course, *lesson, standing);
    if (standing.enrolled) {
        const auto& learner = visit.learner()->id;
        (void)co_await visit.services().learning.open_lesson(learner, course->slug, lesson->slug);
        const auto counted =
            co_await visit.services().study_times.open_lesson(learner, course->slug, lesson->slug);
        view["counts_time"] = counted && *counted;
        view["notes"] = co_await notes_of_lesson(visit, *course, *lesson);
    }
    std::vector<AdmittedFrame> frames;
    view["blocks"] = co_await block_views(visit, *course, *lesson, standing, frames);
    auto response = visit.page("lesson", std::move(view), Section::courses);
    for (auto& frame : frames) {
        response.policy.allow_frame(frame.origin);
        response.emissions.push_back(std::move(frame.emission));
    }
    if (!lesson->videos().empty())
        response.policy.allow_blob_media();
    co_return response;
}

awaitable<Response> complete_lesson(Visit& visit, const PathParams& path) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto done = co_await visit.services().learning.complete_lesson(visit.learner()->id, path.at("slug"),
                                                                         path.at("lesson"));
    if (!done)
        co_return visit.problem(done.error());
    co_return visit.back_to(fmt::format("/courses/{}/lessons/{}", path.at("slug"), path.at("lesson")),
                            "lesson_done");
}

awaitable<Response> report_watched(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return Response::make_empty(403);
    const auto number = [&](std::string_view name) {
        const auto text = visit.field(name);
        double value = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
        return read.ec == std::errc() && value >= 0 && value < 86'400 ? static_cast<std::int64_t>(value) : 0;
    };
    const auto kept = co_await visit.services().learning.watch(visit.learner()->id, visit.field("course"),
                                                               visit.field("lesson"), visit.field("slot"),
                                                               number("watched"), number("position"));
    co_return Response::make_empty(kept ? 204 : 404);
}

awaitable<Response> report_place(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return Response::make_empty(403);
    const auto kept = co_await visit.services().learning.leave_lesson(
        visit.learner()->id, visit.field("course"), visit.field("lesson"), visit.field("place"));
    co_return Response::make_empty(kept ? 204 : 404);
}

/// The second click: the choice is recorded, then the page comes back with the frame and the wider policy.
awaitable<Response> play_video(Visit& visit, const PathParams& path) {
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = catalogue->find_course(path.at("slug"));
    const auto* lesson = course ? course->find_lesson(path.at("lesson")) : nullptr;
    const auto* slot = lesson ? find_slot(*lesson, path.at("slot")) : nullptr;
    const auto* row = slot ? flow_of_slot(visit, *slot) : nullptr;
    if (!row)
        co_return visit.not_found();
    co_return co_await record_play(visit, *row, *course, *lesson, *slot);
}

}  // namespace

void add_learning_pages(PageRoutes& routes) {
    routes.get("/", show_home, platform::VisitorPart::courses);
    routes.get("/courses/{slug}", show_course, platform::VisitorPart::courses);
    routes.post("/courses/{slug}/enrol", enrol);
    routes.get("/courses/{slug}/lessons/{lesson}", show_lesson);
    routes.post("/courses/{slug}/lessons/{lesson}/complete", complete_lesson);
    routes.post("/courses/{slug}/lessons/{lesson}/videos/{slot}/play", play_video);
    routes.post("/progress/place", report_place);
    routes.post("/progress/watch", report_watched);
}

}  // namespace calyptenora::http
