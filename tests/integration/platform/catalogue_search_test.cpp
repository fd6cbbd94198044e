#include "platform/catalogue_search.hpp"

#include "storage/stores/course_search.hpp"
#include "support/databases.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

// Courses are found by what they say, the same on both databases.
namespace calyptenora::platform {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Slugs = std::vector<std::string>;

Course make_course(std::string slug, std::string language, std::string title, std::string summary,
                   std::string subject, const std::string& lesson, const std::string& text) {
    Course course;
    course.slug = std::move(slug);
    course.language = std::move(language);
    course.title = std::move(title);
    course.summary = std::move(summary);
    course.subject = std::move(subject);
    SafeHtml html;
    html.markup("<p>").text(text).markup("</p>");
    Lesson only;
    only.slug = "only";
    only.title = lesson;
    only.body.emplace_back(std::move(html));
    course.modules.push_back({"one", "One", {std::move(only)}});
    return course;
}

std::vector<Course> make_courses() {
    std::vector<Course> courses;
    courses.push_back(make_course("loops", "en-GB", "Loops for beginners", "Do it again.", "Programming",
                                  "For", "A loop repeats what stands in it."));
    courses.push_back(make_course("python", "en", "Programming with Python", "From numbers to pictures.",
                                  "Programming", "Repeating actions with loops", "Lists and more."));
    courses.push_back(make_course("weather", "en", "Reading the sky", "Clouds and wind.", "Weather", "Fronts",
                                  "Some fronts go in loops. Loops, loops, loops, loops."));
    courses.push_back(make_course("kochen", "de", "Kochen für alle", "Einfache Gerichte aus Gemüse.", "Küche",
                                  "Häuser aus Lebkuchen", "Man nehme die Größe des Topfes."));
    courses[1].price = Money{1900, "EUR"};
    courses[1].level = Level::advanced;
    return courses;
}

class CatalogueSearches : public test::StoreTest {
  protected:
    CatalogueSearches() { EXPECT_TRUE(search_.index(catalogue_)); }

    Slugs find(const std::string& words, CourseQuery query = {}) {
        query.words = words;
        return find(search_, *catalogue_, query);
    }
    static Slugs find(const CatalogueSearch& search, const Catalogue& catalogue, const CourseQuery& query) {
        boost::asio::io_context context;
        auto future = boost::asio::co_spawn(context, search.find(catalogue, query), boost::asio::use_future);
        context.run();
        const auto found = future.get();
        EXPECT_TRUE(found) << found.error().message;
        Slugs slugs;
        if (found)
            for (const auto* course : *found)
                slugs.push_back(course->slug);
        return slugs;
    }
    std::size_t count_documents() {
        return read([](storage::Transaction& tx) -> Result<std::size_t> {
            const auto listed = tx.rows<std::string>("select document from course_documents");
            const auto indexed = tx.rows<std::string>("select document from course_search");
            EXPECT_EQ(listed.size(), indexed.size());
            return indexed.size();
        });
    }

    storage::ManualClock clock_{now_};
    CatalogueSearch search_{database(), clock_, [](const std::string& line) { ADD_FAILURE() << line; }};
    std::shared_ptr<const Catalogue> catalogue_ = std::make_shared<const Catalogue>(make_courses());
};
CALYPTENORA_ON_BOTH_DATABASES(CatalogueSearches);

TEST_P(CatalogueSearches, FindWordsInAllFormsOfTheirLanguage) {
    EXPECT_THAT(find("haus"), ElementsAre("kochen")) << "Häuser";
    EXPECT_THAT(find("HÄUSERN"), ElementsAre("kochen"));
    EXPECT_THAT(find("gerichten"), ElementsAre("kochen"));
    EXPECT_THAT(find("groesse"), IsEmpty());
    EXPECT_THAT(find("grösse topf"), ElementsAre("kochen"));
    EXPECT_THAT(find("Große"), ElementsAre("kochen")) << "who has no umlauts at hand";
    EXPECT_THAT(find("cloud winds"), ElementsAre("weather"));
    EXPECT_THAT(find("program"), UnorderedElementsAre("python", "loops"));
    EXPECT_THAT(find("clouds gemüse"), IsEmpty()) << "every word must occur";
    EXPECT_THAT(find("Küche"), ElementsAre("kochen")) << "the subject";
}

TEST_P(CatalogueSearches, PutTitlesFirstAndTextsLast) {
    EXPECT_THAT(find("loops"), ElementsAre("loops", "python", "weather"));
    EXPECT_THAT(find("loop"), ElementsAre("loops", "python", "weather"));
}

TEST_P(CatalogueSearches, TakeTheLastWordAsABeginning) {
    EXPECT_THAT(find("pyth"), ElementsAre("python"));
    EXPECT_THAT(find("read sk"), ElementsAre("weather"));
    EXPECT_THAT(find("lebkuch"), ElementsAre("kochen"));
    EXPECT_THAT(find("programmin"), UnorderedElementsAre("python", "loops")) << "longer than the stem";
    EXPECT_THAT(find("sk read"), IsEmpty()) << "but only the last";
}

TEST_P(CatalogueSearches, TakeNoCharacterForAnInstruction) {
    for (const auto* text : {"loops\"", "\"loops", "'loops'", "loops*", "(loops", "loops)", "loops & ",
                             "!loops", "loops:*", "loops:A", "-loops", "^loops", "+loops", "loops;",
                             "loops\\", "loops 🙂", "loops --", "%loops%", "{loops}"})
        EXPECT_THAT(find(text), ElementsAre("loops", "python", "weather")) << text;
    EXPECT_THAT(find("loops OR gemüse"), IsEmpty()) << "OR is a word";
    EXPECT_THAT(find("loops NOT python"), IsEmpty());
    EXPECT_THAT(find("title:clouds"), IsEmpty()) << "no column is named";
    EXPECT_THAT(find("NEAR(loops python)"), IsEmpty());
    EXPECT_THAT(find("loops | gemüse"), IsEmpty());
    EXPECT_THAT(find("🙂"), IsEmpty());
    EXPECT_THAT(find("\"\""), IsEmpty());
    EXPECT_THAT(find(std::string(10'000, '"')), IsEmpty());
    EXPECT_THAT(find("loops " + std::string(10'000, ' ')), ElementsAre("loops", "python", "weather"));
    EXPECT_THAT(find(std::string(10'000, 'a')), IsEmpty());
}

// The control: what is not made of letters does not get as far as the database.
TEST_P(CatalogueSearches, RefuseTermsThatAreNone) {
    for (const auto* term : {"", "a\"b", "a'b", "a*", "A", "a b", "a:b", "a\\"}) {
        const auto found = database().run_blocking([&](storage::Transaction& tx) -> Result<Slugs> {
            return storage::course_search::find(tx, {{{term}, std::nullopt}});
        });
        EXPECT_FALSE(found) << term;
    }
}

TEST_P(CatalogueSearches, NarrowDown) {
    EXPECT_THAT(find("loops", {.subject = "Programming"}), ElementsAre("loops", "python"));
    EXPECT_THAT(find("loops", {.is_free = true}), ElementsAre("loops", "weather"));
    EXPECT_THAT(find("loops", {.is_free = false}), ElementsAre("python"));
    EXPECT_THAT(find("", {.language = "en", .level = Level::beginner}), ElementsAre("loops", "weather"));
    EXPECT_THAT(find("", {.language = "de"}), ElementsAre("kochen"));
    EXPECT_THAT(find(""), SizeIs(4));
    EXPECT_THAT(find("", {.language = "de", .is_free = false}), IsEmpty());
}

TEST_P(CatalogueSearches, FollowTheCourses) {
    auto courses = make_courses();
    courses[3].title = "Backen für alle";
    courses.erase(courses.begin());
    catalogue_ = std::make_shared<const Catalogue>(std::move(courses));
    ASSERT_TRUE(search_.index(catalogue_));
    EXPECT_THAT(find("backen"), ElementsAre("kochen"));
    EXPECT_THAT(find("kochen"), IsEmpty());
    EXPECT_THAT(find("loops"), ElementsAre("python", "weather"));
    EXPECT_EQ(count_documents(), 5u) << "the old wording may be that of another process";
    clock_.advance(CatalogueSearch::keeps_unused + std::chrono::days(1));
    ASSERT_TRUE(search_.index(catalogue_));
    EXPECT_EQ(count_documents(), 3u);
    EXPECT_THAT(find("backen"), ElementsAre("kochen"));
}

TEST_P(CatalogueSearches, OfProcessesWithOtherCoursesLeaveEachOtherAlone) {
    auto courses = make_courses();
    courses[2].title = "Looking up";
    const auto other_catalogue = std::make_shared<const Catalogue>(std::move(courses));
    CatalogueSearch other(database(), clock_, [](const std::string&) {});
    ASSERT_TRUE(other.index(other_catalogue));
    ASSERT_TRUE(search_.index(catalogue_));
    EXPECT_EQ(count_documents(), 5u);
    EXPECT_THAT(find(other, *other_catalogue, {.words = "looking"}), ElementsAre("weather"));
    EXPECT_THAT(find("looking"), IsEmpty());
    EXPECT_THAT(find("sky"), ElementsAre("weather"));
}

TEST_P(CatalogueSearches, AreIndexedByManyAtOnce) {
    std::vector<Course> courses;
    for (int i = 0; i < 40; ++i)
        courses.push_back(make_course("course-" + std::to_string(i), "en", "Course " + std::to_string(i),
                                      "About it.", "All", "Lesson", "Words."));
    const auto catalogue = std::make_shared<const Catalogue>(std::move(courses));
    std::barrier together(4);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            auto own = storage::Database::open(url_).value();
            CatalogueSearch search(*own, clock_, [](const std::string&) {});
            together.arrive_and_wait();
            for (int round = 0; round < 3; ++round)
                EXPECT_TRUE(search.index(catalogue));
            EXPECT_THAT(find(search, *catalogue, {.words = "course"}), SizeIs(40));
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(count_documents(), 44u);
}

}  // namespace
}  // namespace calyptenora::platform
