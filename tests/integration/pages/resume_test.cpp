#include "integration/pages/shop.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string lesson = "/courses/reise/lessons/los";

/// Where somebody left off is kept for them, and for nobody else.
class Resuming : public testing::Test {
  protected:
    Resuming() {
        shop_.write("courses/reise/01-los.md", "---\ntitle: Los\n---\n\nEs geht los.\n\n## Mitte\n\nText.\n");
        server_.emplace(shop_);
        EXPECT_TRUE(server_->is_open()) << server_->output();
    }
    PageClient make_learner(const std::string& email) {
        PageClient learner(server_->port());
        learner.get("/register");
        learner.post("/register", {{"name", "Mia Muster"},
                                   {"email", email},
                                   {"password", "seventeen brown owls sing"},
                                   {"age", "over"}});
        return learner;
    }
    static void take_course(PageClient& learner) {
        learner.get("/courses/reise");
        EXPECT_EQ(learner.post("/courses/reise/enrol", {}).status, 303);
    }
    static int report(PageClient& learner, const std::string& place, const std::string& where = "los") {
        learner.get(lesson);
        return learner.post("/progress/place", {{"course", "reise"}, {"lesson", where}, {"place", place}})
            .status;
    }

    Shop shop_{""};
    std::optional<RunningServer> server_;
};

TEST_F(Resuming, GoesOnAtThePlaceOnEveryPageThatOffersIt) {
    auto mia = make_learner("mia@lms.example");
    take_course(mia);
    ASSERT_EQ(report(mia, "s-mitte.1.450"), 204);
    const auto link = "href=\"" + lesson + "?resume=1\"";
    EXPECT_THAT(mia.get("/").body, HasSubstr(link));
    EXPECT_THAT(mia.get("/courses/reise").body, HasSubstr(link));
    EXPECT_THAT(mia.get(lesson + "?resume=1").body, HasSubstr("data-place=\"s-mitte.1.450\""));
    EXPECT_THAT(mia.get(lesson).body, Not(HasSubstr("data-place"))) << "who opens it by its address begins";
    ASSERT_EQ(report(mia, ".0.999"), 204);
    EXPECT_THAT(mia.get("/").body, HasSubstr("href=\"" + lesson + "?resume=1\""));
    ASSERT_EQ(report(mia, ""), 204);
    EXPECT_THAT(mia.get(lesson + "?resume=1").body, Not(HasSubstr("data-place")));
    EXPECT_THAT(mia.get("/").body, HasSubstr("href=\"" + lesson + "?resume=1\"")) << "back at the beginning";
}

TEST_F(Resuming, CountsTimeForWhoWantsIt) {
    auto mia = make_learner("mia@lms.example");
    take_course(mia);
    EXPECT_THAT(mia.get(lesson).body, Not(HasSubstr("data-counts")));
    EXPECT_THAT(mia.get("/courses/reise").body, HasSubstr("Count learning time?"));
    const auto report_time = [&] {
        mia.get(lesson);
        return mia.post("/progress/time", {{"course", "reise"}, {"lesson", "los"}, {"seconds", "20"}}).status;
    };
    EXPECT_EQ(report_time(), 404) << "not switched on";
    mia.get("/learning-time");
    EXPECT_EQ(mia.post("/learning-time", {{"wish", "on"}}).status, 303);
    EXPECT_THAT(mia.get(lesson).body, HasSubstr("data-counts"));
    EXPECT_EQ(report_time(), 204);
    EXPECT_THAT(mia.get("/learning-time").body, HasSubstr("Stop counting"));
    EXPECT_EQ(mia.post("/learning-time", {{"wish", "off"}}).status, 303);
    EXPECT_THAT(mia.get(lesson).body, Not(HasSubstr("data-counts")));
    PageClient stranger(server_->port());
    stranger.get("/");
    EXPECT_EQ(
        stranger.post("/progress/time", {{"course", "reise"}, {"lesson", "los"}, {"seconds", "20"}}).status,
        403);
}

TEST_F(Resuming, TakesNoReportThatIsNotOne) {
    auto mia = make_learner("mia@lms.example"), tom = make_learner("tom@lms.example");
    EXPECT_EQ(report(mia, "s-mitte.1.450"), 404) << "the course is not taken";
    take_course(mia);
    ASSERT_EQ(report(mia, "s-mitte.1.450"), 204);
    for (const auto* odd :
         {"s-elsewhere.1.2", "s-mitte", "s-mitte.1", "s-mitte.1.1001", "s-mitte.-1.0", "s-mitte.x.0",
          "s-mitte.1.2.", ".", "..", "s-mitte.99999999999.1", "\"><script>.1.2"})
        EXPECT_EQ(report(mia, odd), 404) << odd;
    EXPECT_EQ(report(mia, "s-mitte.1.450", "nowhere"), 404);
    EXPECT_EQ(report(tom, "s-mitte.0.1"), 404);
    PageClient stranger(server_->port());
    EXPECT_EQ(report(stranger, "s-mitte.0.1"), 403) << "nobody is signed in";
    PageClient without_token(server_->port());
    EXPECT_EQ(without_token.post("/progress/place", {{"course", "reise"}}).status, 403);
    EXPECT_THAT(mia.get(lesson + "?resume=1").body, HasSubstr("data-place=\"s-mitte.1.450\""))
        << "and none of them has changed anything";
    take_course(tom);
    EXPECT_THAT(tom.get("/courses/reise").body, Not(HasSubstr("resume=1"))) << "somebody else's place";
}

}  // namespace
}  // namespace calyptenora::http::test
