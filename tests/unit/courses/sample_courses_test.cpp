// The courses that come with the project: they are also the example that authors copy from.
#include "platform/courses/catalogue.hpp"
#include "strict_html.hpp"

#include <gtest/gtest.h>

namespace calyptenora::platform {
namespace {

class SampleCourses : public testing::Test {
  protected:
    LoadedCatalogue loaded = load_catalogue({CALYPTENORA_SOURCE_DIR "/config/courses"});
};

TEST_F(SampleCourses, LoadWithoutAnyProblem) {
    for (const Problem& problem : loaded.problems)
        ADD_FAILURE() << problem.text();
    EXPECT_EQ(loaded.catalogue->courses().size(), 2u);
}

TEST_F(SampleCourses, OneIsFreeAndGermanTheOtherPaidAndEnglish) {
    const Course* maps = loaded.catalogue->find_course("karten-lesen");
    const Course* numbers = loaded.catalogue->find_course("numbers-you-can-trust");
    ASSERT_TRUE(maps && numbers);
    EXPECT_EQ(maps->language, "de");
    EXPECT_TRUE(maps->is_free());
    EXPECT_EQ(numbers->language, "en-GB");
    EXPECT_EQ(numbers->price, (Money{1900, "EUR"}));
    for (const Course* course : {maps, numbers}) {
        EXPECT_EQ(course->modules.size(), 2u);
        EXPECT_EQ(course->lessons().size(), 4u);
    }
}

TEST_F(SampleCourses, ShowOneVideoOfTheirOwnAndOneOfAThirdParty) {
    const Course* maps = loaded.catalogue->find_course("karten-lesen");
    ASSERT_TRUE(maps);
    const auto own = maps->find_lesson("hoehenlinien")->videos();
    ASSERT_EQ(own.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<SelfHostedVideo>(own[0]->ref));
    EXPECT_EQ(own[0]->captions.at(0).language, "de");
    EXPECT_FALSE(own[0]->transcript.empty());
    EXPECT_TRUE(maps->media.contains(own[0]->poster));
    const auto foreign = maps->find_lesson("kompass")->videos();
    ASSERT_EQ(foreign.size(), 1u);
    EXPECT_EQ(std::get<EmbeddedVideo>(foreign[0]->ref).player, "sample");
    EXPECT_EQ(foreign[0]->provider, "video/embed");
}

TEST_F(SampleCourses, AreWellFormedAndNameNoOtherOrigin) {
    for (const Course& course : loaded.catalogue->courses())
        for (const Lesson* lesson : course.lessons())
            for (const Block& block : lesson->body) {
                const auto* html = std::get_if<SafeHtml>(&block);
                if (!html)
                    continue;
                const test::StrictHtml strict(html->str());
                EXPECT_EQ(strict.fault(), "") << lesson->slug;
                for (const test::SeenElement& element : strict.elements())
                    for (const auto& [name, value] : element.attributes)
                        EXPECT_FALSE(name == "src" && !value.starts_with("/courses/"))
                            << lesson->slug << ": " << value;
            }
}

}  // namespace
}  // namespace calyptenora::platform
