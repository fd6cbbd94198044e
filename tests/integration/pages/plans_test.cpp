#include "integration/pages/shop.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string enrol_form = "action=\"/courses/berge/enrol\"";

/// What comes before a course, and what is due when.
class PlanPages : public testing::Test {
  protected:
    PlanPages() {
        write("berge", "price: free\nprerequisites: [{course: reise, required: true}, inseln]\n",
              "    due: 2020-03-01 18:00 Europe/Berlin\n", "");
        write("inseln", "", "    due: 14 days after enrolment\n", "due: 2099-07-01 18:00 Europe/Berlin\n");
        write("kuesten",
              "price: {amount: 19.00, currency: EUR}\nprerequisites: [{course: reise, required: true}]\n", "",
              "");
        write("reise", "", "", "");
        server_.emplace(shop_);
        EXPECT_TRUE(server_->is_open()) << server_->output();
    }
    void write(const std::string& slug, const std::string& head, const std::string& module,
               const std::string& lesson) {
        shop_.write("courses/" + slug + "/course.yaml",
                    "title: Title of " + slug +
                        "\nlanguage: en\nsummary: A sentence.\nlicence: CC BY 4.0\nauthors: [Ada]\n" + head +
                        "modules:\n  - title: Part of " + slug + "\n" + module +
                        "    lessons: [01-los.md, 02-weiter.md]\n");
        shop_.write("courses/" + slug + "/01-los.md",
                    "---\ntitle: Los " + slug + "\n" + lesson + "---\n\nEs geht los.\n");
        shop_.write("courses/" + slug + "/02-weiter.md", "---\ntitle: Weiter\n---\n\nWeiter.\n");
    }
    PageClient make_learner() {
        PageClient learner(server_->port());
        learner.get("/register");
        learner.post("/register", {{"name", "Mia Muster"},
                                   {"email", "mia@lms.example"},
                                   {"password", "seventeen brown owls sing"},
                                   {"age", "over"}});
        return learner;
    }
    static void enrol(PageClient& learner, const std::string& slug) {
        learner.get("/courses/" + slug);
        EXPECT_EQ(learner.post("/courses/" + slug + "/enrol", {}).status, 303);
    }
    static void complete(PageClient& learner, const std::string& slug, const std::string& lesson) {
        const auto path = "/courses/" + slug + "/lessons/" + lesson;
        learner.get(path);
        EXPECT_EQ(learner.post(path + "/complete", {}).status, 303);
    }

    Shop shop_{""};
    std::optional<RunningServer> server_;
};

TEST_F(PlanPages, ARequiredCourseComesFirst) {
    EXPECT_THAT(PageClient(server_->port()).get("/courses/berge").body,
                AllOf(HasSubstr("Builds on these courses"), HasSubstr("href=\"/courses/reise\""),
                      HasSubstr("Required"), HasSubstr("Recommended")));
    auto mia = make_learner();
    EXPECT_THAT(mia.get("/courses/berge").body,
                AllOf(HasSubstr("First finish the courses"), Not(HasSubstr(enrol_form))));
    // The form of another page, or one made by hand.
    EXPECT_EQ(mia.post("/courses/berge/enrol", {}).location, "/courses/berge");
    EXPECT_THAT(mia.get("/courses/berge").body,
                AllOf(HasSubstr("First finish"), Not(HasSubstr("0 of 2 lessons"))));
    enrol(mia, "reise");
    complete(mia, "reise", "los");
    EXPECT_THAT(mia.get("/courses/berge").body,
                AllOf(HasSubstr("First finish"), HasSubstr("1 of 2 lessons")));
    complete(mia, "reise", "weiter");
    // What is only recommended is not asked for.
    EXPECT_THAT(mia.get("/courses/berge").body,
                AllOf(HasSubstr(enrol_form), Not(HasSubstr("First finish")), HasSubstr("Recommended")));
    enrol(mia, "berge");
    EXPECT_THAT(mia.get("/courses/berge").body, HasSubstr("0 of 2 lessons"));
}

TEST_F(PlanPages, ARequiredCourseComesBeforeAnOrderToo) {
    auto mia = make_learner();
    EXPECT_THAT(mia.get("/courses/kuesten").body,
                AllOf(HasSubstr("First finish"), Not(HasSubstr("/kuesten/order"))));
    const auto order = [&] {
        mia.get("/courses/kuesten/order");
        return mia.post("/courses/kuesten/order", {{"method", "payments/sepa"}, {"begin_now", "yes"}})
            .location;
    };
    EXPECT_EQ(order(), "/courses/kuesten");
    enrol(mia, "reise");
    complete(mia, "reise", "los");
    complete(mia, "reise", "weiter");
    EXPECT_THAT(order(), ::testing::StartsWith("/orders/"));
}

TEST_F(PlanPages, WhatIsDueIsSaidInTheLearnersOwnTimeUntilItIsDone) {
    EXPECT_THAT(PageClient(server_->port()).get("/courses/inseln").body,
                AllOf(HasSubstr("Due 14 days after you begin"), HasSubstr("Due on 1 July 2099 at 18:00")));
    auto mia = make_learner();
    EXPECT_THAT(mia.get("/").body, Not(HasSubstr("What is due next")));
    enrol(mia, "reise");
    complete(mia, "reise", "los");
    complete(mia, "reise", "weiter");
    enrol(mia, "inseln");
    enrol(mia, "berge");
    // What is due next comes first; what is past is said, stays open and comes last.
    const auto home = mia.get("/").body;
    EXPECT_THAT(home, AllOf(HasSubstr("What is due next"),
                            HasSubstr("Was due on 1 March 2020 at 18:00. You can still do it at any time."),
                            HasSubstr("2 lessons left"), HasSubstr("Due on 1 July 2099 at 18:00")));
    EXPECT_LT(home.find("Part of inseln"), home.find("Los inseln"));
    EXPECT_LT(home.find("Los inseln"), home.find("Part of berge"));
    EXPECT_THAT(mia.get("/courses/inseln").body, Not(HasSubstr("days after you begin")))
        << "a day of her own now";
    EXPECT_THAT(mia.get("/courses/berge/lessons/los").body, HasSubstr("Was due on 1 March 2020 at 18:00"));
    mia.get("/account/profile");
    EXPECT_EQ(mia.post("/account/profile", {{"language", "en"}, {"time_zone", "Asia/Tokyo"}}).status, 303);
    EXPECT_THAT(mia.get("/").body, AllOf(HasSubstr("Was due on 2 March 2020 at 02:00"),
                                         HasSubstr("Due on 2 July 2099 at 01:00")));
    complete(mia, "berge", "los");
    EXPECT_THAT(mia.get("/").body, HasSubstr("1 lesson left"));
    complete(mia, "berge", "weiter");
    EXPECT_THAT(mia.get("/").body, AllOf(Not(HasSubstr("Was due")), HasSubstr("Due on 2 July 2099")));
    EXPECT_THAT(mia.get("/courses/berge").body, Not(HasSubstr("Was due")));
    EXPECT_THAT(mia.get("/courses/berge/lessons/los").body, Not(HasSubstr("Was due")));
}

// Who was done with it is so no more, and reads why.
TEST_F(PlanPages, ARequiredCourseThatHasGrownIsNamedWithWhatIsLeft) {
    auto mia = make_learner();
    EXPECT_THAT(mia.get("/courses/berge").body,
                AllOf(HasSubstr("First finish"), HasSubstr("Title of reise"), Not(HasSubstr("lesson left")),
                      Not(HasSubstr("added later"))))
        << "nothing is done yet";
    enrol(mia, "reise");
    complete(mia, "reise", "los");
    complete(mia, "reise", "weiter");
    EXPECT_THAT(mia.get("/courses/berge").body, HasSubstr(enrol_form)) << "control";
    server_.reset();
    shop_.write("courses/reise/course.yaml",
                "title: Title of reise\nlanguage: en\nsummary: A sentence.\nlicence: CC BY 4.0\nauthors: "
                "[Ada]\nmodules:\n  - title: Part of reise\n    lessons: [01-los.md, 02-weiter.md, "
                "03-neu.md]\n");
    shop_.write("courses/reise/03-neu.md", "---\ntitle: Neu\n---\n\nNeu.\n");
    server_.emplace(shop_);
    ASSERT_TRUE(server_->is_open()) << server_->output();
    PageClient again(server_->port());
    again.get("/sign-in");
    again.post("/sign-in", {{"email", "mia@lms.example"}, {"password", "seventeen brown owls sing"}});
    EXPECT_THAT(again.get("/courses/berge").body,
                AllOf(HasSubstr("First finish"), HasSubstr("Title of reise</a>: 1 lesson left"),
                      HasSubstr("Lessons that were added later count as well."), Not(HasSubstr(enrol_form))));
    complete(again, "reise", "neu");
    EXPECT_THAT(again.get("/courses/berge").body, HasSubstr(enrol_form));
}

// A course that others demand is taken away, or turned into one of a circle: nobody stays locked out.
TEST_F(PlanPages, ARequiredCourseThatIsGoneLocksNobodyOut) {
    auto mia = make_learner();
    EXPECT_THAT(mia.get("/courses/berge").body, Not(HasSubstr(enrol_form)));
    server_.reset();
    std::filesystem::remove_all(shop_.config().parent_path() / "courses/reise");
    server_.emplace(shop_);
    ASSERT_TRUE(server_->is_open()) << server_->output();
    PageClient tom(server_->port());
    tom.get("/sign-in");
    tom.post("/sign-in", {{"email", "mia@lms.example"}, {"password", "seventeen brown owls sing"}});
    EXPECT_THAT(tom.get("/courses/berge").body,
                AllOf(HasSubstr(enrol_form), Not(HasSubstr("href=\"/courses/reise\""))));
}

}  // namespace
}  // namespace calyptenora::http::test
