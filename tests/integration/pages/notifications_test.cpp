#include "integration/pages/mailed_accounts.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

// What awaits a learner, on the pages and by mail, with the program itself and a real mail server.
namespace calyptenora::http::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Notifications : public MailedAccounts {
  protected:
    Notifications() {
        EXPECT_EQ(open_account(laptop_).status, 303);
        confirm(laptop_);
        place_.write("notice.txt", "On Monday from 6 to 7 it is closed.\n\nNothing is lost.\n");
    }
    std::string announce(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"announcement", "add",       "--title-en",
                                       "Maintenance",  "--text-en", (place_.folder() / "notice.txt").string(),
                                       "--json"};
        words.insert(words.end(), more.begin(), more.end());
        const auto made = place_.run(words);
        EXPECT_EQ(made.code, 0) << made.err;
        return std::string(boost::json::parse(made.out).at("id").as_string());
    }
    std::string notifications() { return laptop_.get("/notifications").body; }
};

TEST_F(Notifications, OfAnAnnouncementStandOnEveryPageUntilItIsRead) {
    EXPECT_THAT(notifications(), HasSubstr("Nothing new at the moment"));
    EXPECT_THAT(laptop_.get("/").body, Not(HasSubstr("new notification")));
    const auto id = announce();
    EXPECT_THAT(laptop_.get("/").body, HasSubstr("1 new notification"));
    const auto page = notifications();
    EXPECT_THAT(page, HasSubstr("Nothing is lost."));
    EXPECT_THAT(next_mail(), HasSubstr("On Monday from 6 to 7"));

    PageClient stranger(server_.port());
    EXPECT_EQ(stranger.get("/notifications").status, 303) << "to sign in";
    EXPECT_EQ(laptop_.post("/notifications/read", {{"announcement", "nonsense"}}).status, 404);
    (void)notifications();
    EXPECT_EQ(laptop_.post("/notifications/read", {{"announcement", id}}).status, 303);
    EXPECT_THAT(laptop_.get("/").body, Not(HasSubstr("new notification")));
    EXPECT_THAT(notifications(), HasSubstr("Nothing is lost.")) << "it can be read again";
    EXPECT_EQ(place_.run({"announcement", "withdraw", "--announcement", id}).code, 0);
    EXPECT_THAT(notifications(), Not(HasSubstr("Nothing is lost.")));
    EXPECT_EQ(place_.run({"announcement", "withdraw", "--announcement", id}).code, 1) << "once";
}

TEST_F(Notifications, AreMailedOnlyIfThatIsWanted) {
    EXPECT_THAT(notifications(), HasSubstr(R"(name="announcements" value="yes" checked)"));
    EXPECT_EQ(laptop_.post("/notifications/mail", {{"case_answers", "yes"}}).status, 303);
    EXPECT_THAT(notifications(), Not(HasSubstr(R"(name="announcements" value="yes" checked)")));
    ASSERT_EQ(open_account(phone_, "tom@example.org").status, 303);
    confirm(phone_, "tom@example.org");
    announce();
    EXPECT_THAT(next_mail("tom@example.org"), HasSubstr("On Monday from 6 to 7"));
    EXPECT_THAT(sink_.received(), IsEmpty()) << "all were written to at once, and Mia was not";
    EXPECT_THAT(laptop_.get("/").body, HasSubstr("1 new notification")) << "on the pages it is in any case";
}

TEST_F(Notifications, CommandsSayWhatIsWrongWithAnAnnouncement) {
    const auto refused = [&](std::vector<std::string> words, const char* why) {
        words.insert(words.begin(), {"announcement", "add"});
        const auto result = place_.run(words);
        EXPECT_NE(result.code, 0);
        EXPECT_THAT(result.err, HasSubstr(why));
    };
    const auto file = (place_.folder() / "notice.txt").string();
    refused({}, "in German or in English");
    refused({"--title-en", "Maintenance"}, "the text is empty");
    refused({"--text-de", file}, "the title is empty");
    refused({"--title-en", "x", "--text-en", "/no/such/file"}, "/no/such/file");
    refused({"--title-en", "x", "--text-en", file, "--course", "nothing"}, "there is no course \"nothing\"");
    refused({"--title-en", "x", "--text-en", file, "--days", "500"}, "366");
    refused({"--title-en", std::string(201, 'x'), "--text-en", file}, "at most 200");
    EXPECT_EQ(place_.run({"announcement", "list"}).out, "Nothing has been announced.\n");
    announce({"--days", "1"});
    EXPECT_THAT(place_.run({"announcement", "list"}).out, HasSubstr("everybody"));
}

TEST_F(Notifications, TheContactPageSaysWhenSomebodyAnswers) {
    EXPECT_THAT(laptop_.get("/contact").body, HasSubstr("Monday to Friday"));
}

}  // namespace
}  // namespace calyptenora::http::test
