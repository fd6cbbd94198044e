#include "platform/notes.hpp"

#include "platform/search_terms.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/text.hpp"

#include <algorithm>
#include <set>

namespace calyptenora::platform {
namespace {

Status check_words(const std::string& words) {
    if (words.size() > Notes::longest_note)
        return Error(ErrorKind::invalid_input, "the note is too long");
    return storage::validate_text(words);
}

std::string trim(const std::string& words) {
    constexpr std::string_view white = " \t\r\n";
    const auto from = words.find_first_not_of(white);
    return from == std::string::npos ? "" : words.substr(from, words.find_last_not_of(white) - from + 1);
}

bool has_heading(const Lesson& lesson, const std::string& anchor) {
    return anchor.empty() ||
           std::ranges::any_of(lesson.toc, [&](const auto& entry) { return entry.id == anchor; });
}

bool matches(const std::string& text, const std::vector<storage::SearchWord>& query) {
    std::set<std::string, std::less<>> terms;
    for (const auto* language : {"de", "en"})
        for (auto& term : make_terms(text, language))
            terms.insert(std::move(term));
    return std::ranges::all_of(query, [&](const auto& word) {
        if (std::ranges::any_of(word.forms, [&](const auto& form) { return terms.contains(form); }))
            return true;
        if (!word.begins)
            return false;
        const auto found = terms.lower_bound(*word.begins);
        return found != terms.end() && found->starts_with(*word.begins);
    });
}

}  // namespace

boost::asio::awaitable<Status> Notes::keep(storage::LearnerId learner, std::string course, std::string lesson,
                                           std::string anchor, std::string words) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    const auto* noted = contents ? contents->find_lesson(lesson) : nullptr;
    if (!noted)
        co_return Error(ErrorKind::not_found, "there is no such lesson");
    if (!has_heading(*noted, anchor))
        co_return Error(ErrorKind::invalid_input, "there is no such heading in this lesson");
    words = trim(words);
    if (auto checked = check_words(words); !checked)
        co_return checked;
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked;
        const auto enrolment = storage::learning::find_enrolment(tx, learner, course);
        if (!enrolment || enrolment->state == storage::EnrolmentState::cancelled)
            return Error(ErrorKind::denied, "this course has not been taken up");
        if (storage::notes::count(tx, learner) >= most_notes)
            return Error(ErrorKind::denied, "there are too many notes");
        const auto before = storage::notes::list(tx, cipher_, learner);
        if (!before)
            return before.error();
        for (const auto& note : *before)
            if (note.course == course && note.lesson == lesson && note.anchor == anchor && note.body == words)
                return {};
        const auto now = clock_.now();
        return storage::notes::insert(tx, cipher_,
                                      {.id = storage::NoteId::make(),
                                       .learner = learner,
                                       .course = course,
                                       .lesson = lesson,
                                       .anchor = anchor,
                                       .body = words,
                                       .created_at = now,
                                       .updated_at = now});
    });
}

boost::asio::awaitable<Status> Notes::change(storage::LearnerId learner, storage::NoteId id,
                                             std::string words) {
    words = trim(words);
    if (auto checked = check_words(words); !checked)
        co_return checked;
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked;
        return storage::notes::change(tx, cipher_, learner, id, words, clock_.now());
    });
}

boost::asio::awaitable<Status> Notes::remove(storage::LearnerId learner, storage::NoteId id) {
    co_return co_await database_.transaction(
        [&](storage::Transaction& tx) -> Status { return storage::notes::remove(tx, learner, id); });
}

boost::asio::awaitable<Result<std::vector<NoteView>>> Notes::find(storage::LearnerId learner,
                                                                  std::string query) {
    const auto words = make_query(query);
    const bool asked = !trim_query(query).empty();
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<NoteView>> {
        auto rows = storage::notes::list(tx, cipher_, learner);
        if (!rows)
            return rows.error();
        std::vector<NoteView> found;
        for (auto& row : *rows) {
            if (asked && (words.empty() || !matches(row.body, words)))
                continue;
            const bool is_bookmark = row.body.empty();
            NoteText text(std::move(row.body));
            row.body.clear();
            found.push_back({std::move(row), std::move(text), is_bookmark});
        }
        return found;
    });
}

}  // namespace calyptenora::platform
