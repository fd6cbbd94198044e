#include "http/pages/learning_views.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "http/target.hpp"
#include "platform/search_terms.hpp"

#include <algorithm>
#include <tuple>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;
using platform::NoteView;

/// A note where it stands; without a place if the course or the lesson is gone.
struct Placed {
    NoteView note;
    const platform::Course* course = nullptr;
    const platform::Lesson* lesson = nullptr;
    std::size_t lesson_number = 0;   ///< Gone lessons come last.
    std::size_t heading_number = 0;  ///< Notes for the whole lesson come first.
    std::string heading = {};
};

Placed place(NoteView note, const platform::Catalogue& catalogue) {
    Placed placed{.note = std::move(note)};
    const auto& row = placed.note.row;
    placed.course = catalogue.find_course(row.course);
    placed.lesson = placed.course ? placed.course->find_lesson(row.lesson) : nullptr;
    placed.lesson_number = std::string::npos;
    if (!placed.lesson)
        return placed;
    const auto lessons = placed.course->lessons();
    placed.lesson_number = std::ranges::find(lessons, placed.lesson) - lessons.begin();
    const auto& toc = placed.lesson->toc;
    const auto entry = std::ranges::find(toc, row.anchor, &platform::TocEntry::id);
    if (entry != toc.end()) {
        placed.heading_number = entry - toc.begin() + 1;
        placed.heading = entry->text;
    }
    return placed;
}

/// In the order in which one reads.
std::vector<Placed> place_all(std::vector<NoteView> notes, const platform::Catalogue& catalogue) {
    std::vector<Placed> all;
    for (auto& note : notes)
        all.push_back(place(std::move(note), catalogue));
    const auto order = [](const Placed& placed) {
        const auto& row = placed.note.row;
        return std::tuple(row.course, placed.lesson_number, row.lesson, placed.heading_number, row.created_at,
                          row.id.text());
    };
    std::ranges::sort(all, {}, order);
    return all;
}

boost::json::object note_view(const Visit& visit, const Placed& placed) {
    const auto& row = placed.note.row;
    boost::json::object view{{"id", row.id.text()},
                             {"words", placed.note.text.reveal(gate::ForSubject{}).value_or("")},
                             {"bookmark", placed.note.is_bookmark},
                             {"on", date_text(visit, row.updated_at)},
                             {"lesson_title", placed.lesson ? placed.lesson->title : row.lesson},
                             {"lang", placed.course ? placed.course->language : ""}};
    if (!placed.lesson)
        return view;
    view["url"] = lesson_url(*placed.course, *placed.lesson) +
                  (placed.heading.empty() ? "" : "#" + percent_encode(row.anchor));
    if (!placed.heading.empty())
        view["heading"] = placed.heading;
    return view;
}

awaitable<Response> show_notes(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto words =
        platform::trim_query(visit.request().target.query.find("q").value_or(std::string_view()));
    auto notes = co_await visit.services().notes.find(visit.learner()->id, words);
    if (!notes)
        co_return visit.problem(notes.error());
    const auto catalogue = visit.services().catalogue.current();
    boost::json::array courses;
    std::string latest;
    for (const auto& placed : place_all(std::move(*notes), *catalogue)) {
        const auto& slug = placed.note.row.course;
        if (courses.empty() || slug != latest)
            courses.push_back({{"title", placed.course ? placed.course->title : slug},
                               {"lang", placed.course ? placed.course->language : ""},
                               {"notes", boost::json::array()}});
        latest = slug;
        courses.back().at("notes").as_array().push_back(note_view(visit, placed));
    }
    co_return visit.page("notes",
                         {{"courses", std::move(courses)}, {"words", words}, {"asked", !words.empty()}},
                         Section::account);
}

/// What was typed, to be kept once more: nobody has to write a note twice.
Response ask_again(const Visit& visit, std::string_view what, int status, bool keeps_anchor = true) {
    return visit.page("note_again",
                      {{"action", visit.request().target.raw_path},
                       {"what", what},
                       {"words", visit.field("words")},
                       {"anchor", keeps_anchor ? visit.field("anchor") : ""},
                       {"signed_out", visit.learner() == nullptr}},
                      Section::account, status);
}

awaitable<Response> ask_stale_again(Visit& visit, const PathParams&) {
    if (visit.field("wish") == "delete")
        co_return visit.back_to("/notes");
    co_return ask_again(
        visit, visit.learner() ? visit.text("notes.again_stale") : visit.text("notes.again_signed_out"), 403);
}

Response refuse(const Visit& visit, const Error& error) {
    switch (error.kind) {
        case ErrorKind::invalid_input:
            if (visit.field("words").size() > platform::Notes::longest_note)
                return ask_again(visit, visit.text("notes.again_too_long"), 422);
            return ask_again(visit, visit.text("notes.again_place_gone"), 422, false);
        case ErrorKind::denied:
            return ask_again(visit, visit.text("notes.again_denied"), 403);
        case ErrorKind::not_found:
            return ask_again(visit, visit.text("notes.again_gone"), 404);
        default:
            return ask_again(visit, visit.text("notes.again_failed"), 503);
    }
}

awaitable<Response> keep_note(Visit& visit, const PathParams& path) {
    if (!visit.learner())
        co_return ask_again(visit, visit.text("notes.again_signed_out"), 403);
    const auto kept = co_await visit.services().notes.keep(
        visit.learner()->id, path.at("slug"), path.at("lesson"), visit.field("anchor"), visit.field("words"));
    if (!kept)
        co_return refuse(visit, kept.error());
    co_return visit.back_to(
        fmt::format("/courses/{}/lessons/{}#notes-title", path.at("slug"), path.at("lesson")), "saved");
}

awaitable<Response> change_note(Visit& visit, const PathParams& path) {
    if (!visit.learner())
        co_return ask_again(visit, visit.text("notes.again_signed_out"), 403);
    const auto id = storage::NoteId::parse(path.at("id"));
    if (!id)
        co_return visit.not_found();
    auto& notes = visit.services().notes;
    if (visit.field("wish") == "delete") {
        const auto removed = co_await notes.remove(visit.learner()->id, *id);
        co_return removed ? visit.back_to("/notes", "saved") : visit.problem(removed.error());
    }
    const auto changed = co_await notes.change(visit.learner()->id, *id, visit.field("words"));
    if (!changed)
        co_return refuse(visit, changed.error());
    co_return visit.back_to("/notes#note-" + id->text(), "saved");
}

}  // namespace

awaitable<boost::json::array> notes_of_lesson(const Visit& visit, const platform::Course& course,
                                              const platform::Lesson& lesson) {
    boost::json::array views;
    if (!visit.learner())
        co_return views;
    auto notes = co_await visit.services().notes.find(visit.learner()->id, {});
    if (!notes)
        co_return views;
    std::erase_if(*notes, [&](const NoteView& note) {
        return note.row.course != course.slug || note.row.lesson != lesson.slug;
    });
    const auto catalogue = visit.services().catalogue.current();
    for (const auto& placed : place_all(std::move(*notes), *catalogue))
        views.push_back(note_view(visit, placed));
    co_return views;
}

void add_notes_pages(PageRoutes& routes) {
    routes.get("/notes", show_notes);
    routes.post("/notes/{id}", change_note, ask_stale_again);
    routes.post("/courses/{slug}/lessons/{lesson}/notes", keep_note, ask_stale_again);
}

}  // namespace calyptenora::http
