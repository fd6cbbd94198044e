#include "platform/catalogue_search.hpp"

#include "platform/search_terms.hpp"
#include "storage/stores/course_search.hpp"
#include "storage/text.hpp"

#include <algorithm>
#include <set>

namespace calyptenora::platform {
namespace {

/// Changes with what make_terms() makes of a text, so that documents are made anew.
constexpr std::string_view terms_version = "2";

/// Documents in one transaction: others may write in between.
constexpr std::size_t batch_size = 10;

/// What a course's document is made from.
struct Source {
    std::string title, about, lessons;
    std::vector<std::string> texts;  ///< Of each lesson.
};

Source source_of(const Course& course) {
    Source source{course.title, course.subject + "\n" + course.summary, {}, {}};
    for (const auto* lesson : course.lessons()) {
        source.lessons.append(lesson->title).push_back('\n');
        auto& text = source.texts.emplace_back();
        for (const auto& block : lesson->body) {
            if (const auto* html = std::get_if<SafeHtml>(&block)) {
                text += plain_text(*html);
                continue;
            }
            const auto& slot = std::get<VideoSlot>(block);
            text.append(slot.title).push_back('\n');
            text += plain_text(slot.transcript);
        }
    }
    return source;
}

std::string name_of(const Source& source, std::string_view language) {
    std::string all(terms_version);
    for (const std::string_view part : {language, std::string_view(source.title),
                                        std::string_view(source.about), std::string_view(source.lessons)})
        all.append(1, '\0').append(part);
    for (const auto& text : source.texts)
        all.append(1, '\0').append(text);
    return storage::make_content_hash(all);
}

/// Each term once a lesson: in how many lessons it stands is what courses are ranked by, and databases take
/// long over thousands of places of one word.
std::vector<std::string> terms_of_lessons(const std::vector<std::string>& texts, std::string_view language) {
    std::vector<std::string> all;
    for (const auto& text : texts) {
        auto terms = make_terms(text, language);
        std::ranges::sort(terms);
        const auto repeated = std::ranges::unique(terms);
        terms.erase(repeated.begin(), repeated.end());
        std::ranges::move(terms, std::back_inserter(all));
    }
    return all;
}

storage::CourseDocument make_document(const std::string& name, const Source& source,
                                      std::string_view language) {
    return {name, make_terms(source.title, language), make_terms(source.about, language),
            make_terms(source.lessons, language), terms_of_lessons(source.texts, language)};
}

bool fits(const Course& course, const CourseQuery& query) {
    return (query.subject.empty() || course.subject == query.subject) &&
           (query.language.empty() || primary_language(course.language) == query.language) &&
           (!query.level || course.level == *query.level) &&
           (!query.is_free || course.is_free() == *query.is_free);
}

}  // namespace

Status CatalogueSearch::index(std::shared_ptr<const Catalogue> catalogue) {
    auto indexed = std::make_shared<Indexed>();
    indexed->catalogue = std::move(catalogue);
    std::set<std::string> names;
    for (const auto& course : indexed->catalogue->courses()) {
        auto name = name_of(source_of(course), course.language);
        names.insert(name);
        indexed->courses.emplace(std::move(name), &course);
    }
    for (const auto& name : names) {
        if (indexed->batches.empty() || indexed->batches.back().size() == batch_size)
            indexed->batches.emplace_back();
        indexed->batches.back().push_back(name);
    }
    for (const auto& batch : indexed->batches)
        if (auto written = database_.transaction_blocking(
                [&](storage::Transaction& tx) { return write(tx, *indexed, batch); });
            !written)
            return written;
    auto swept = database_.transaction_blocking([&](storage::Transaction& tx) -> Status {
        storage::course_search::sweep(tx, clock_.now() - keeps_unused);
        return {};
    });
    if (!swept)
        return swept;
    const std::lock_guard lock(mutex_);
    current_ = std::move(indexed);
    return {};
}

Status CatalogueSearch::write(storage::Transaction& tx, const Indexed& indexed,
                              const std::vector<std::string>& names) const {
    for (const auto& name : storage::course_search::claim(tx, names, clock_.now())) {
        const auto& course = *indexed.courses.find(name)->second;
        storage::course_search::add(tx, make_document(name, source_of(course), course.language));
    }
    return {};
}

void CatalogueSearch::start(boost::asio::io_context& context) {
    loop_.start(
        context,
        [this]() -> boost::asio::awaitable<std::chrono::milliseconds> {
            co_await refresh();
            co_return std::chrono::days(1);
        },
        log_);
}

boost::asio::awaitable<void> CatalogueSearch::refresh() {
    const auto indexed = current();
    for (const auto& batch : indexed->batches) {
        const auto written = co_await database_.transaction(
            [&](storage::Transaction& tx) { return write(tx, *indexed, batch); });
        if (!written)
            log_("the courses' index was not kept fresh: " + written.error().message);
    }
}

boost::asio::awaitable<Result<std::vector<const Course*>>> CatalogueSearch::find(const Catalogue& catalogue,
                                                                                 CourseQuery query) const {
    std::vector<const Course*> found;
    if (trim_query(query.words).empty()) {
        for (const auto& course : catalogue.courses())
            if (fits(course, query))
                found.push_back(&course);
        co_return found;
    }
    const auto indexed = current();
    const auto words = make_query(query.words);
    using Names = std::vector<std::string>;
    const auto names = co_await database_.run(
        [&](storage::Transaction& tx) -> Result<Names> { return storage::course_search::find(tx, words); });
    if (!names)
        co_return names.error();
    // By slug: a reload may have come between.
    for (const auto& name : *names)
        for (auto [at, end] = indexed->courses.equal_range(name); at != end; ++at)
            if (const auto* course = catalogue.find_course(at->second->slug); course && fits(*course, query))
                found.push_back(course);
    co_return found;
}

}  // namespace calyptenora::platform
