#include "http/pages/learning_views.hpp"

#include "http/cookies.hpp"
#include "http/pages/choices.hpp"
#include "http/pages/video_sources.hpp"
#include "http/pages/words.hpp"
#include "http/target.hpp"
#include "platform/due_parts.hpp"
#include "platform/place.hpp"
#include "web/format.hpp"

#include <calyptenora/families/video.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using platform::Course;
using platform::CourseStanding;
using platform::Lesson;
using platform::VideoSlot;

constexpr Purpose delivery = Purpose::essential_service_content_delivery;

std::chrono::minutes duration_of(const Course& course) {
    std::chrono::minutes total(0);
    for (const auto* lesson : course.lessons())
        total += std::chrono::minutes(lesson->minutes);
    return total;
}

std::string media_url(const Course& course, std::string_view file) {
    return fmt::format("/courses/{}/media/{}", course.slug, file);
}

/// The flows that a course involves: analytics for its progress, and whoever plays its videos.
std::vector<const gate::PolicyFlow*> flows_of_course(const Visit& visit, const Course& course) {
    std::set<std::string> players;
    for (const auto* lesson : course.lessons())
        for (const auto* slot : lesson->videos())
            players.insert(slot->provider);
    std::vector<const gate::PolicyFlow*> flows;
    for (const auto& standing : visit.standings()) {
        const auto& row = *standing.row;
        if (fields_of_flow(row).empty() && !gate::asks(row))
            continue;
        // Taking a course makes nobody pass on a request.
        if (row.flow.purpose == Purpose::essential_legal_obligation)
            continue;
        const bool involved = row.instance.family() == Family::analytics ||
                              (row.instance.family() == Family::payments && !course.is_free()) ||
                              players.contains(row.instance.text());
        if (involved && row.flow.third_party)
            flows.push_back(&row);
    }
    return flows;
}

/// "Until 24 December 2026 at 18:00"; that it is over is said without a reproach.
std::string due_text(const Visit& visit, storage::Timestamp at) {
    const bool is_past = at < visit.services().gate.clock().now();
    return visit.text(is_past ? "due.past" : "due.by", {{"on", moment_text(visit, at)}});
}

/// Of a module or lesson; before the enrolment, how long one will have.
std::string due_text(const Visit& visit, const std::optional<platform::DueDate>& due,
                     const CourseStanding& standing) {
    if (!due)
        return {};
    if (const auto at = platform::due_moment(due, standing, time_zone_of(visit)))
        return due_text(visit, *at);
    const auto days = std::get<platform::DaysAfterEnrolment>(*due).days;
    return visit.text("due.after", {{"count", std::to_string(days)}});
}

boost::json::array lesson_list(const Course& course, const platform::Module& module,
                               const CourseStanding& standing, const Lesson* current) {
    const bool open = course.is_free() || standing.enrolled;
    boost::json::array lessons;
    for (const auto& lesson : module.lessons) {
        boost::json::object view{{"title", lesson.title},
                                 {"done", standing.completed.contains(lesson.slug)},
                                 {"current", &lesson == current}};
        if (open)
            view["url"] = lesson_url(course, lesson);
        lessons.push_back(std::move(view));
    }
    return lessons;
}

boost::json::array module_list(const Visit& visit, const Course& course, const CourseStanding& standing,
                               const Lesson* current) {
    boost::json::array modules;
    for (const auto& module : course.modules) {
        auto lessons = lesson_list(course, module, standing, current);
        bool is_open = false;
        for (std::size_t i = 0; i < lessons.size(); ++i) {
            auto& view = lessons[i].as_object();
            const auto& lesson = module.lessons[i];
            const bool done = standing.completed.contains(lesson.slug);
            is_open = is_open || !done;
            view["duration_text"] =
                web::format_duration(std::chrono::minutes(lesson.minutes), visit.language());
            view["lesson_due"] = done ? std::string() : due_text(visit, lesson.due, standing);
        }
        modules.push_back({{"title", module.title},
                           {"module_due", is_open ? due_text(visit, module.due, standing) : std::string()},
                           {"lessons", std::move(lessons)}});
    }
    return modules;
}

boost::json::array captions_of(const Course& course, const VideoSlot& slot) {
    boost::json::array tracks;
    for (const auto& track : slot.captions)
        tracks.push_back({{"url", media_url(course, track.file)},
                          {"lang", track.language},
                          {"label", track.label},
                          {"default", tracks.empty()}});
    return tracks;
}

/// What all kinds of players share.
boost::json::object player_view(const Course& course, const VideoSlot& slot) {
    boost::json::object view{
        {"slot", slot.id}, {"title", slot.title}, {"width", slot.width}, {"height", slot.height}};
    if (!slot.poster.empty()) {
        view["poster_url"] = media_url(course, slot.poster);
        view["thumbnail_url"] = media_url(course, slot.poster);
    }
    return view;
}

awaitable<boost::json::object> hosted_view(const Visit& visit, const Course& course, const Lesson& lesson,
                                           const VideoSlot& slot, const platform::SelfHostedVideo& video,
                                           const CourseStanding& standing) {
    auto view = player_view(course, slot);
    view["captions"] = captions_of(course, slot);
    view["renew_url"] =
        fmt::format("/courses/{}/lessons/{}/videos/{}/source", course.slug, lesson.slug, slot.id);
    if (const auto src = co_await signed_source(visit, slot.provider, video.content_hash))
        view["src"] = *src;
    for (const auto& [path, file] : course.media)
        if (file.file == video.file)
            view["download_url"] = media_url(course, path);
    const auto reached = standing.watched_to.find(lesson.slug + "/" + slot.id);
    view["resume_seconds"] = reached == standing.watched_to.end() ? 0 : reached->second;
    co_return boost::json::object{{"hls", std::move(view)}};
}

boost::json::object placeholder_view(const Visit& visit, const Course& course, const VideoSlot& slot,
                                     const gate::Standing& standing) {
    const auto& row = *standing.row;
    const auto& recipient = visit.policy()->find_instance(row.instance)->recipient;
    auto view = player_view(course, slot);
    view["provider"] = recipient.legal_name;
    view["country"] = web::country_name(recipient.country, visit.language());
    view["gets_text"] = fields_in_words(visit, fields_of_flow(row));
    view["minor"] = standing.guardian_missing;
    return {{"placeholder", std::move(view)}};
}

/// Whether this person wants the frame in this place: always allowed, or just now for this video.
bool is_wanted(const Visit& visit, const gate::Standing& standing, const VideoSlot& slot) {
    if (!standing.flowing)
        return false;
    return !is_for_once(standing) || visit.request().target.query.find("play") == slot.id;
}

/// What to go on with: the lesson that was open last if it is not done, else the first that is not.
const Lesson* next_lesson(const Course& course, const CourseStanding& standing) {
    if (standing.latest_lesson && !standing.completed.contains(*standing.latest_lesson))
        if (const auto* latest = course.find_lesson(*standing.latest_lesson))
            return latest;
    for (const auto* lesson : course.lessons())
        if (!standing.completed.contains(lesson->slug))
            return lesson;
    return nullptr;
}

/// A frame that the page would show, if it is admitted.
struct WantedFrame {
    std::size_t block;  ///< Where its view stands among the lesson's.
    Origin origin;
    const gate::PolicyFlow* row;
    boost::json::object placeholder;  ///< Its view if it is not.
};

/// The view with the player in its frame, which is then `wanted`, or that without.
awaitable<boost::json::object> embed_view(const Visit& visit, const Course& course, const VideoSlot& slot,
                                          const platform::EmbeddedVideo& video, std::size_t block,
                                          std::vector<WantedFrame>& wanted) {
    const auto* row = flow_of_slot(visit, slot);
    if (!row)
        co_return boost::json::object{{"unavailable", {{"title", slot.title}}}};
    const auto* standing = visit.find_standing(row->instance, delivery);
    if (!is_wanted(visit, *standing, slot))
        co_return placeholder_view(visit, course, slot, *standing);

    video::PlayRecord<gate::Guarded> record;
    record.asset = video.player + "/" + video.video;
    record.locale = visit.language_tag();
    const auto reply =
        visit.subject()
            ? co_await visit.services().gate.call<video::Play>(
                  row->instance, delivery, *visit.subject(), std::move(record),
                  {.privacy_control = visit.request().signals_global_privacy_control(), .device = true})
            : Result<video::PlayReply>(Error(ErrorKind::denied, "nobody has consented"));
    const auto* frame = reply ? std::get_if<video::Iframe>(&*reply) : nullptr;
    if (!frame)
        co_return placeholder_view(visit, course, slot, *standing);
    const auto origin = declared_origin(visit, row->instance, frame->url);
    if (!origin)
        co_return placeholder_view(visit, course, slot, *standing);
    wanted.push_back({block, *origin, row, placeholder_view(visit, course, slot, *standing)});

    const auto& recipient = visit.policy()->find_instance(row->instance)->recipient;
    auto view = player_view(course, slot);
    view["src"] = frame->url;
    view["provider"] = recipient.legal_name;
    view["recipient"] = row->instance.text();
    view["key"] = flow_key(*row);
    view["once"] = is_for_once(*standing);
    co_return boost::json::object{{"embed", std::move(view)}};
}

}  // namespace

std::string lesson_url(const Course& course, const Lesson& lesson) {
    return fmt::format("/courses/{}/lessons/{}", course.slug, lesson.slug);
}

// The report of a page that is just being left may come after this one: the lesson's page reads the place
// anew. No fragment with the heading: the browser would go there first, and jump.
std::string resume_url(const Course& course, const Lesson& lesson, const CourseStanding& standing) {
    const bool was_open = standing.latest_lesson == lesson.slug || standing.places.contains(lesson.slug);
    return lesson_url(course, lesson) + (was_open ? "?resume=1" : "");
}

boost::json::object course_summary(const Course& course, web::Language language) {
    boost::json::object view{
        {"title", course.title},
        {"slug", course.slug},
        {"summary", course.summary},
        {"url", "/courses/" + course.slug},
        {"lang", course.language},
        {"language_name", web::language_name(course.language, language)},
        {"lessons", course.lessons().size()},
        {"duration_text", web::format_duration(duration_of(course), language)},
        {"author", web::join_list(course.authors, language)},
    };
    if (course.price)
        view["price_text"] = web::format_money(course.price->minor_units, course.price->currency, language);
    else
        view["free"] = true;
    return view;
}

void add_progress(const Course& course, const CourseStanding& standing, boost::json::object& view) {
    const auto lessons = course.lessons();
    const auto done = std::count_if(lessons.begin(), lessons.end(), [&](const auto* lesson) {
        return standing.completed.contains(lesson->slug);
    });
    view["done"] = done;
    view["total"] = lessons.size();
    view["percent"] = lessons.empty() ? 0 : done * 100 / static_cast<std::int64_t>(lessons.size());
}

boost::json::array due_view(const Visit& visit, const platform::Catalogue& catalogue,
                            const std::map<std::string, CourseStanding>& standings, std::size_t most) {
    boost::json::array rows;
    for (const auto& part : platform::due_parts(catalogue, standings, time_zone_of(visit),
                                                visit.services().gate.clock().now())) {
        if (rows.size() == most)
            break;
        rows.push_back(
            {{"title", part.lesson ? part.lesson->title : part.module->title},
             {"lang", part.course->language},
             {"course_title", part.course->title},
             {"url", resume_url(*part.course, *part.next, standings.at(part.course->slug))},
             {"left_text",
              part.lesson ? std::string() : visit.text("due.left", {{"count", std::to_string(part.left)}})},
             {"due_text", due_text(visit, part.at)},
             {"past", part.is_past}});
    }
    return rows;
}

boost::json::array prerequisites_view(const platform::Catalogue& catalogue, const Course& course,
                                      const std::map<std::string, CourseStanding>& standings) {
    boost::json::array rows;
    for (const auto& one : course.prerequisites) {
        const auto* before = catalogue.find_course(one.course);
        if (!before)
            continue;
        boost::json::object row{{"title", before->title},
                                {"lang", before->language},
                                {"url", "/courses/" + before->slug},
                                {"required", one.demand == platform::Prerequisite::Demand::required}};
        if (const auto standing = standings.find(one.course); standing != standings.end()) {
            row["finished"] = platform::is_done(*before, standing->second);
            row["begun"] = standing->second.enrolled;
            add_progress(*before, standing->second, row);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

boost::json::object locked_view(const Visit& visit, const std::vector<const Course*>& missing,
                                const std::map<std::string, CourseStanding>& standings) {
    boost::json::array rows;
    bool begun = false;
    for (const auto* course : missing) {
        boost::json::object row{
            {"title", course->title}, {"lang", course->language}, {"url", "/courses/" + course->slug}};
        if (const auto standing = standings.find(course->slug);
            standing != standings.end() && !standing->second.completed.empty()) {
            const auto lessons = course->lessons();
            const auto left = std::ranges::count_if(lessons, [&](const auto* lesson) {
                return !standing->second.completed.contains(lesson->slug);
            });
            row["left_text"] = visit.text("due.left", {{"count", std::to_string(left)}});
            begun = true;
        }
        rows.push_back(std::move(row));
    }
    return {{"missing", std::move(rows)}, {"begun", begun}};
}

boost::json::object course_view(const Visit& visit, const Course& course, const CourseStanding& standing) {
    boost::json::array third_parties;
    for (const auto* row : flows_of_course(visit, course))
        third_parties.push_back(third_party_view(visit, *row));
    boost::json::object view{
        {"course", course_summary(course, visit.language())},
        {"modules", module_list(visit, course, standing, nullptr)},
        {"third_parties", std::move(third_parties)},
        {"licence_text", course.attribution.empty() ? course.licence : course.attribution},
        {"licence_url", course.licence_url}};
    if (!standing.enrolled)
        return view;
    boost::json::object progress;
    add_progress(course, standing, progress);
    if (const auto* lesson = next_lesson(course, standing)) {
        progress["next_url"] = resume_url(course, *lesson, standing);
        progress["next_title"] = lesson->title;
    }
    progress["finished"] = !progress.contains("next_url");
    view["progress"] = std::move(progress);
    return view;
}

void add_study_time(const Visit& visit, const Course& course, const platform::OwnStudyTime& own,
                    boost::json::object& view) {
    std::chrono::seconds spent(0);
    for (const auto& time : own.times)
        if (time.course == course.slug)
            spent += time.spent;
    boost::json::object study{{"counted", own.since.has_value()}};
    if (spent > std::chrono::seconds(0))
        study["spent_text"] = web::format_duration(spent, visit.language());
    view["study"] = std::move(study);
}

boost::json::object lesson_view(const Visit& visit, const Course& course, const Lesson& lesson,
                                const CourseStanding& standing) {
    const auto lessons = course.lessons();
    const auto at = std::find(lessons.begin(), lessons.end(), &lesson);
    boost::json::array toc;
    if (lesson.toc.size() > 2)
        for (const auto& entry : lesson.toc)
            if (entry.level <= 3)
                toc.push_back({{"id", entry.id}, {"title", entry.text}, {"sub", entry.level > 2}});
    boost::json::array headings;
    for (const auto& entry : lesson.toc)
        headings.push_back({{"id", entry.id}, {"title", entry.text}});
    boost::json::array recorded;
    for (const auto& standing_row : visit.standings())
        // Not what the same recipient gets for what the law demands.
        if (standing_row.flowing && standing_row.row->instance.family() == Family::analytics &&
            standing_row.row->flow.purpose == Purpose::analytics_reporting_content_performance)
            recorded.push_back(third_party_view(visit, *standing_row.row));

    boost::json::object view{
        {"course", course_summary(course, visit.language())},
        {"lesson",
         {{"title", lesson.title},
          {"slug", lesson.slug},
          {"lang", course.language},
          {"duration_text", web::format_duration(std::chrono::minutes(lesson.minutes), visit.language())},
          {"number", at - lessons.begin() + 1},
          {"total", lessons.size()}}},
        {"headings", std::move(headings)},
        {"toc", std::move(toc)},
        {"modules", module_list(visit, course, standing, &lesson)},
        {"completed", standing.completed.contains(lesson.slug)},
        {"signed_in", standing.enrolled},
        {"recorded", std::move(recorded)},
        {"leads_elsewhere",
         std::ranges::any_of(lesson.body,
                             [](const platform::Block& block) {
                                 const auto* html = std::get_if<platform::SafeHtml>(&block);
                                 return html && html->str().find("external-mark") != std::string::npos;
                             })},
        {"licence_text", course.attribution.empty() ? course.licence : course.attribution},
        {"licence_url", course.licence_url}};
    for (const auto& module : course.modules)
        if (!standing.completed.contains(lesson.slug) &&
            std::ranges::any_of(module.lessons, [&](const Lesson& other) { return &other == &lesson; }))
            if (const auto due = platform::due_moment(module, lesson, standing, time_zone_of(visit)))
                view["due_text"] = due_text(visit, *due);
    const auto left = standing.places.find(lesson.slug);
    if (visit.request().target.query.find("resume") && left != standing.places.end() &&
        platform::is_place_in(lesson, left->second))
        view["place"] = left->second;
    if (at != lessons.begin())
        view["previous"] = {{"url", lesson_url(course, **(at - 1))}, {"title", (*(at - 1))->title}};
    if (at + 1 != lessons.end())
        view["next"] = {{"url", lesson_url(course, **(at + 1))}, {"title", (*(at + 1))->title}};
    return view;
}

awaitable<boost::json::array> block_views(const Visit& visit, const Course& course, const Lesson& lesson,
                                          const CourseStanding& standing,
                                          std::vector<AdmittedFrame>& frames) {
    boost::json::array blocks;
    std::vector<WantedFrame> wanted;
    for (const auto& block : lesson.body) {
        if (const auto* html = std::get_if<platform::SafeHtml>(&block)) {
            blocks.push_back({{"text_html", html->str()}});
            continue;
        }
        const auto& slot = std::get<VideoSlot>(block);
        if (const auto* hosted = std::get_if<platform::SelfHostedVideo>(&slot.ref))
            blocks.push_back(co_await hosted_view(visit, course, lesson, slot, *hosted, standing));
        else
            blocks.push_back(co_await embed_view(
                visit, course, slot, std::get<platform::EmbeddedVideo>(slot.ref), blocks.size(), wanted));
        if (!slot.transcript.empty())
            blocks.push_back({{"text_html", slot.transcript.str()}});
    }
    for (auto& frame : wanted) {
        auto emission = co_await visit.services().frames.begin(
            frame.row->instance, delivery, *visit.subject(), frame.origin.host_and_port());
        if (emission)
            frames.push_back({std::move(frame.origin), std::move(*emission)});
        else
            blocks[frame.block] = std::move(frame.placeholder);
    }
    co_return blocks;
}

const VideoSlot* find_slot(const Lesson& lesson, std::string_view id) {
    for (const auto* slot : lesson.videos())
        if (slot->id == id)
            return slot;
    return nullptr;
}

const gate::PolicyFlow* flow_of_slot(const Visit& visit, const VideoSlot& slot) {
    const auto instance = settings::parse_instance_id(slot.provider);
    return instance ? visit.policy()->find_flow(*instance, delivery) : nullptr;
}

awaitable<Response> record_play(const Visit& visit, const gate::PolicyFlow& row, const Course& course,
                                const Lesson& lesson, const VideoSlot& slot) {
    const bool once = visit.field("scope") != "always";
    const auto token = co_await record_choices(visit, {{row.instance, row.flow.purpose, true}}, {&row},
                                               once ? "video_play_once" : "video_play_always",
                                               once ? std::optional(once_duration) : std::nullopt);
    if (!token)
        co_return visit.problem(token.error());
    auto response =
        redirect(fmt::format("{}?play={}#video-{}", lesson_url(course, lesson), slot.id, slot.id));
    add_session(response, *token);
    co_return response;
}

}  // namespace calyptenora::http
