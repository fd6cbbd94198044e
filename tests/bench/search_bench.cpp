#include "platform/catalogue_search.hpp"
#include "support/databases.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <random>

// How long a search of the catalogue takes, on both databases, where it has most to do.
//
//   search_bench ROUNDS COURSES
//
// One JSON object a line, as table.mjs takes them: milliseconds.
namespace calyptenora::platform {
namespace {

constexpr int lessons = 10, words_of_lesson = 800, vocabulary = 20'000;

/// Words that begin alike as those of a language do: of one to four syllables, the frequent ones short.
std::string word_of(int number) {
    constexpr std::string_view consonants = "bdfgklmnprstvwzh", vowels = "aeiou";
    std::string word;
    for (; number > 0; number /= 80) {
        word += consonants[static_cast<std::size_t>(number % 16)];
        word += vowels[static_cast<std::size_t>(number / 16 % 5)];
    }
    return word;
}

/// Courses whose words are as unevenly frequent as those of a language.
std::shared_ptr<const Catalogue> make_catalogue(int count) {
    std::mt19937 random(1);
    const auto word = [&] {
        const double position = std::pow(vocabulary, std::uniform_real_distribution<>(0, 1)(random));
        return word_of(static_cast<int>(position)) + " ";
    };
    std::vector<Course> courses;
    for (int i = 0; i < count; ++i) {
        Course course;
        course.slug = fmt::format("course-{}", i);
        course.language = i % 2 ? "de" : "en";
        course.title = word() + word();
        course.summary = word() + word() + word() + word();
        course.modules.push_back({"all", "All", {}});
        for (int l = 0; l < lessons; ++l) {
            std::string text;
            for (int w = 0; w < words_of_lesson; ++w)
                text += word();
            Lesson lesson;
            lesson.slug = fmt::format("lesson-{}", l);
            lesson.title = word();
            lesson.body.emplace_back(SafeHtml().text(text));
            course.modules.back().lessons.push_back(std::move(lesson));
        }
        courses.push_back(std::move(course));
    }
    return std::make_shared<const Catalogue>(std::move(courses));
}

double median_milliseconds(const CatalogueSearch& search, const Catalogue& catalogue,
                           const std::string& words, int rounds) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        boost::asio::io_context context;
        const auto begin = std::chrono::steady_clock::now();
        auto found =
            boost::asio::co_spawn(context, search.find(catalogue, {.words = words}), boost::asio::use_future);
        context.run();
        if (found.get().value().empty())
            throw std::runtime_error("nothing was found for " + words);
        times.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::ranges::nth_element(times, times.begin() + rounds / 2);
    return times[static_cast<std::size_t>(rounds / 2)];
}

int measure(int rounds, int courses) {
    const auto catalogue = make_catalogue(courses);
    const storage::SystemClock clock;
    for (const auto dialect : {storage::Dialect::sqlite, storage::Dialect::postgresql}) {
        const test::TemporaryFolder folder;
        const auto database =
            storage::Database::open(test::make_database_url(dialect, folder, "data")).value();
        storage::migrate(*database, storage::data_migrations()).value();
        CatalogueSearch search(*database, clock, [](const std::string&) {});
        if (const auto indexed = search.index(catalogue); !indexed)
            throw std::runtime_error(indexed.error().message);
        for (const auto& [what, words] :
             {std::pair{"a word in all of them", word_of(1)},
              std::pair{"three such words", word_of(1) + " " + word_of(2) + " " + word_of(3)},
              std::pair{"the beginning of many words", std::string("d")}}) {
            const auto milliseconds = median_milliseconds(search, *catalogue, words, rounds);
            fmt::print(R"({{"work":"search of {} courses for {}, {}","ours":{:.2f},)"
                       R"("compared_with":"the goal: 20 ms","theirs":20,"ratio":{:.3f}}})"
                       "\n",
                       courses, what, dialect == storage::Dialect::sqlite ? "SQLite" : "PostgreSQL",
                       milliseconds, milliseconds / 20);
        }
        database->stop();
    }
    return 0;
}

}  // namespace
}  // namespace calyptenora::platform

int main(int count, char** arguments) {
    if (count != 3) {
        fmt::print(stderr, "usage: search_bench ROUNDS COURSES\n");
        return 2;
    }
    return calyptenora::platform::measure(std::atoi(arguments[1]), std::atoi(arguments[2]));
}
