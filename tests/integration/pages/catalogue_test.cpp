#include "integration/pages/shop.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A shop with so many courses that they need pages.
class Library : public Shop {
  public:
    Library() {
        for (int i = 1; i <= 29; ++i) {
            const auto number = std::to_string(100 + i);
            const auto folder = "courses/band-" + number;
            write(folder + "/course.yaml", "title: Band " + number +
                                               "\nlanguage: en\nsummary: One of many.\nsubject: Series\n"
                                               "licence: CC BY 4.0\nauthors: [Ada]\nmodules:\n"
                                               "  - title: Start\n    lessons: [01-go.md]\n");
            write(folder + "/01-go.md", "---\ntitle: Go\n---\n\nThe lesson mentions zebras.\n");
        }
    }
};

class CataloguePages : public testing::Test {
  protected:
    std::string get(const std::string& path) {
        const auto answer = visitor_.get(path);
        EXPECT_EQ(answer.status, 200) << path;
        return answer.body;
    }

    Library library_;
    RunningServer server_{library_};
    PageClient visitor_{server_.port()};
};

TEST_F(CataloguePages, FindByWordsAndKeepThemInTheField) {
    ASSERT_TRUE(server_.is_open()) << server_.output();
    const auto found = get("/?q=reisen");
    EXPECT_THAT(found, AllOf(HasSubstr("1 course found"), HasSubstr("value=\"reisen\""),
                             HasSubstr("href=\"/courses/reise\""), Not(HasSubstr("/courses/band-"))));
    const auto odd = get("/?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    EXPECT_THAT(odd, AllOf(Not(HasSubstr("<script>alert")), HasSubstr("&quot;&gt;&lt;script&gt;"),
                           HasSubstr("no course about that")));
    EXPECT_THAT(get("/?q=zebra"), HasSubstr("29 courses found"));
    EXPECT_THAT(get("/?q=zebra+AND+reise"), HasSubstr("no course about that"));
}

TEST_F(CataloguePages, AreNarrowedByTheAddressAlone) {
    EXPECT_THAT(get("/?price=paid"), AllOf(HasSubstr("1 course found"), HasSubstr("/courses/reise"),
                                           HasSubstr("<option value=\"paid\" selected>")));
    EXPECT_THAT(get("/?language=de"), HasSubstr("1 course found"));
    EXPECT_THAT(get("/?subject=Series&price=paid"), HasSubstr("no course about that"));
    EXPECT_THAT(get("/?subject=Nonsense&level=x&price=y"), HasSubstr("All courses"))
        << "what does not exist narrows nothing";
}

TEST_F(CataloguePages, SayWhatACourseIsAfterItHasChanged) {
    EXPECT_THAT(get("/?q=reisen"),
                AllOf(HasSubstr("<h3 lang=\"de\">"), HasSubstr("Kurze Reise"), HasSubstr("19.00")));
    library_.write(
        "courses/reise/course.yaml",
        "title: Lange Reise\nlanguage: de\nsummary: Ein Satz.\nlicence: CC BY 4.0\nauthors: [Ada]\n"
        "modules:\n  - title: Anfang\n    lessons: [01-los.md]\n");
    kill(server_.pid(), SIGHUP);
    std::string found;
    for (int tries = 0; tries < 200 && found.find("Lange Reise") == std::string::npos; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        found = get("/?q=reisen");
    }
    EXPECT_THAT(found, AllOf(HasSubstr("Lange Reise"), HasSubstr(">Free<"), Not(HasSubstr("19.00"))));
}

TEST_F(CataloguePages, ComeInPages) {
    const auto first = get("/?q=zebra");
    EXPECT_THAT(first, AllOf(HasSubstr("Page 1 of 2"), HasSubstr("href=\"/?q=zebra&amp;page=2\""),
                             Not(HasSubstr("rel=\"prev\""))));
    const auto second = get("/?q=zebra&page=2");
    EXPECT_THAT(second, AllOf(HasSubstr("Page 2 of 2"), HasSubstr("href=\"/?q=zebra\""),
                              Not(HasSubstr("rel=\"next\""))));
    for (const auto* odd : {"/?page=0", "/?page=-1", "/?page=x", "/?page=99999999999999999999"})
        EXPECT_THAT(get(odd), HasSubstr("Page 1 of 2")) << odd;
    EXPECT_THAT(get("/?page=7"), HasSubstr("Page 2 of 2"));
}

}  // namespace
}  // namespace calyptenora::http::test
