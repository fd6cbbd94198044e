#include "integration/pages/shop.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string lesson = "/courses/reise/lessons/los";

/// What learners note down is theirs.
class NotesPages : public testing::Test {
  protected:
    NotesPages() {
        shop_.write("courses/reise/01-los.md", "---\ntitle: Los\n---\n\nEs geht los.\n\n## Mitte\n\nText.\n");
        server_.emplace(shop_);
        EXPECT_TRUE(server_->is_open()) << server_->output();
    }
    PageClient make_learner(const std::string& email, bool takes_course = true) {
        PageClient learner(server_->port());
        learner.get("/register");
        learner.post("/register", {{"name", "Mia Muster"},
                                   {"email", email},
                                   {"password", "seventeen brown owls sing"},
                                   {"age", "over"}});
        learner.get("/courses/reise");
        if (takes_course)
            EXPECT_EQ(learner.post("/courses/reise/enrol", {}).status, 303);
        return learner;
    }
    static int keep(PageClient& learner, const std::string& words, const std::string& anchor = "") {
        learner.get(lesson);
        return learner.post(lesson + "/notes", {{"anchor", anchor}, {"words", words}}).status;
    }
    /// Where the only note is changed.
    static std::string path_of_note(PageClient& learner) {
        const auto page = learner.get("/notes").body;
        std::smatch found;
        EXPECT_TRUE(std::regex_search(page, found, std::regex("action=\"(/notes/[^\"]+)\""))) << page;
        return found[1];
    }

    Shop shop_{""};
    std::optional<RunningServer> server_;
};

TEST_F(NotesPages, AreKeptFoundChangedAndDeleted) {
    auto mia = make_learner("mia@lms.example");
    EXPECT_THAT(mia.get("/notes").body, HasSubstr("There is no note yet"));
    ASSERT_EQ(keep(mia, "Die Züge fahren <b>pünktlich</b>.", "s-mitte"), 303);
    ASSERT_EQ(keep(mia, "Die Züge fahren <b>pünktlich</b>.", "s-mitte"), 303);
    const auto page = mia.get("/notes").body;
    EXPECT_THAT(page, AllOf(HasSubstr("href=\"" + lesson + "#s-mitte\""), HasSubstr("Los: Mitte"),
                            HasSubstr("&lt;b&gt;pünktlich"), Not(HasSubstr("<b>pünktlich"))));
    const auto path = path_of_note(mia);
    EXPECT_THAT(mia.get(lesson).body, HasSubstr("Die Züge fahren"));
    EXPECT_THAT(mia.get("/notes?q=zug").body, HasSubstr("Die Züge fahren")) << "another form of the word";
    EXPECT_THAT(mia.get("/notes?q=flug").body, AllOf(HasSubstr("No note holds"), Not(HasSubstr("Die Züge"))));
    mia.get("/notes");
    ASSERT_EQ(mia.post(path, {{"wish", "keep"}, {"words", "Nie wieder"}}).status, 303);
    EXPECT_THAT(mia.get("/notes").body, AllOf(HasSubstr("Nie wieder"), Not(HasSubstr("Die Züge"))));
    ASSERT_EQ(mia.post(path, {{"wish", "delete"}}).status, 303);
    EXPECT_THAT(mia.get("/notes").body, HasSubstr("There is no note yet"));
    EXPECT_EQ(mia.post(path, {{"wish", "delete"}}).status, 404);
}

TEST_F(NotesPages, WithoutWordsAreBookmarks) {
    auto mia = make_learner("mia@lms.example");
    ASSERT_EQ(keep(mia, "", "s-mitte"), 303);
    EXPECT_THAT(mia.get("/notes").body, HasSubstr("Bookmark"));
}

TEST_F(NotesPages, AreNobodyElses) {
    auto mia = make_learner("mia@lms.example"), tom = make_learner("tom@lms.example");
    ASSERT_EQ(keep(mia, "Zwetschgendatschi"), 303);
    const auto path = path_of_note(mia);
    EXPECT_THAT(tom.get("/notes").body, Not(HasSubstr("Zwetschgendatschi")));
    EXPECT_THAT(tom.get(lesson).body, Not(HasSubstr("Zwetschgendatschi")));
    tom.get("/notes");
    EXPECT_EQ(tom.post(path, {{"wish", "keep"}, {"words", "mine"}}).status, 404);
    EXPECT_EQ(tom.post(path, {{"wish", "delete"}}).status, 404);
    EXPECT_THAT(mia.get("/notes").body, HasSubstr("Zwetschgendatschi")) << "untouched";
    for (const auto* file : {"calyptenora.db", "calyptenora.db-wal"}) {
        std::ifstream stream(shop_.data() / file, std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(stream), {});
        EXPECT_EQ(bytes.find("Zwetschgendatschi"), std::string::npos) << "readable in " << file;
    }
}

// A session ends, a server restarts: what was typed is there still, and kept by whoever is signed in only.
TEST_F(NotesPages, AreNotLostWhenTheSessionEnds) {
    auto mia = make_learner("mia@lms.example");
    mia.get(lesson);
    mia.get("/sign-out");
    ASSERT_EQ(mia.post("/sign-out", {}).status, 303);
    const auto signed_out = mia.post(lesson + "/notes", {{"anchor", "s-mitte"}, {"words", "Lang <getippt>"}});
    EXPECT_EQ(signed_out.status, 403);
    EXPECT_THAT(signed_out.body,
                AllOf(HasSubstr("no longer signed in"), HasSubstr("Lang &lt;getippt&gt;</textarea>"),
                      HasSubstr("value=\"s-mitte\"")));
    // The form that was shown is pressed before signing in, and again after.
    const auto pressed = mia.post(lesson + "/notes", {{"anchor", "s-mitte"}, {"words", "Lang <getippt>"}});
    EXPECT_EQ(pressed.status, 403);
    EXPECT_THAT(pressed.body, HasSubstr("Lang &lt;getippt&gt;</textarea>"));
    mia.get("/sign-in");
    ASSERT_EQ(mia.post("/sign-in", {{"email", "mia@lms.example"}, {"password", "seventeen brown owls sing"}})
                  .status,
              303);
    const auto stale = mia.post(lesson + "/notes", {{"anchor", "s-mitte"}, {"words", "Lang <getippt>"}});
    EXPECT_EQ(stale.status, 403) << "a form of another session changes nothing";
    EXPECT_THAT(stale.body,
                AllOf(HasSubstr("earlier session"), HasSubstr("Lang &lt;getippt&gt;</textarea>")));
    EXPECT_EQ(mia.post(lesson + "/notes", {{"anchor", "s-mitte"}, {"words", "Lang <getippt>"}}).status, 303);
    EXPECT_THAT(mia.get("/notes").body, HasSubstr("Lang &lt;getippt&gt;"));
}

TEST_F(NotesPages, NeedTheCourseAndAPlaceInIt) {
    auto guest = make_learner("tom@lms.example", false);
    EXPECT_EQ(keep(guest, "Text"), 403) << "not taken";
    EXPECT_THAT(guest.get("/notes").body, HasSubstr("There is no note yet"));
    auto mia = make_learner("mia@lms.example");
    EXPECT_EQ(keep(mia, "Text", "s-nowhere"), 422);
    EXPECT_EQ(keep(mia, std::string(20'001, 'x')), 422);
    EXPECT_EQ(keep(mia, std::string(20'000, 'x')), 303);
    ASSERT_EQ(mia.post(path_of_note(mia), {{"wish", "delete"}}).status, 303);
    EXPECT_THAT(mia.get("/notes").body, HasSubstr("There is no note yet"));
    EXPECT_EQ(mia.post("/notes/nonsense", {{"wish", "delete"}}).status, 404);
}

}  // namespace
}  // namespace calyptenora::http::test
