#include "integration/pages/mailed_accounts.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <csignal>

// News of the operator's: who gets them, and how that ends, with the program itself and a real mail server.
namespace calyptenora::http::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string key = "core/mail|marketing.communications.email";

class News : public MailedAccounts {
  protected:
    News() {
        place_.write("news.txt", "There are three new courses.\n");
        place_.write("notice.txt", "It is closed on Monday.\n");
        EXPECT_EQ(open_account(laptop_).status, 303);
        confirm(laptop_);
    }
    void send(const char* file, bool is_news) const {
        std::vector<std::string> words{"announcement",  "add",       "--title-en",
                                       "Something new", "--text-en", (place_.folder() / file).string()};
        if (is_news)
            words.emplace_back("--news");
        const auto made = place_.run(words);
        EXPECT_EQ(made.code, 0) << made.err;
    }
    void send_news() const { send("news.txt", true); }
    /// An announcement that everybody gets, after those before it: nobody was written to about these.
    void expect_nothing_before_an_announcement() {
        send("notice.txt", false);
        EXPECT_THAT(next_mail(), HasSubstr("closed on Monday"));
        EXPECT_TRUE(sink_.received().empty());
    }
    std::string notifications() { return laptop_.get("/notifications").body; }
    bool is_subscribed() {
        const auto page = notifications();
        const bool subscribed = page.find("You have been getting news") != std::string::npos;
        EXPECT_EQ(page.find("value=\"ask\"") == std::string::npos, subscribed);
        return subscribed;
    }
    /// Asks, and yields the path of the link that comes by mail.
    std::string ask() {
        (void)notifications();
        EXPECT_EQ(laptop_.post("/notifications/news", {{"choice", "ask"}}).status, 303);
        return link_in(next_mail(), "/news/confirm");
    }
    void subscribe() {
        EXPECT_EQ(press(laptop_, ask()).status, 200);
        EXPECT_TRUE(is_subscribed());
    }
    /// Presses the button of the page behind the link.
    static calyptenora::test::Page press(PageClient& client, const std::string& link) {
        const auto page = client.get(link);
        EXPECT_EQ(page.status, 200) << page.body;
        const std::string_view mark = "name=\"question\" value=\"";
        const auto at = page.body.find(mark) + mark.size();
        return client.post(
            link.substr(0, link.find('?')),
            {{"token", token_in(link)}, {"question", page.body.substr(at, page.body.find('"', at) - at)}});
    }
    void turn(bool news) {
        place_.write_settings(news);
        kill(server_.pid(), SIGHUP);
        for (int tries = 0; tries < 200; ++tries) {
            if ((notifications().find("id=\"news\"") != std::string::npos) == news)
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        ADD_FAILURE() << "the settings were not read again";
    }
    /// How often Mia's choice about news was put on record.
    int count_records() const {
        sqlite3* opened = nullptr;
        EXPECT_EQ(sqlite3_open((place_.data() / "calyptenora.db").c_str(), &opened), SQLITE_OK);
        const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
        int count = -1;
        const auto read = [](void* out, int, char** values, char**) {
            *static_cast<int*>(out) = std::stoi(values[0]);
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(opened,
                               "select count(*) from consent_events where purpose = "
                               "'marketing.communications.email'",
                               read, &count, nullptr),
                  SQLITE_OK);
        return count;
    }
    /// The path in a letter's header List-Unsubscribe.
    static std::string unsubscribing(const boost::json::object& letter) {
        for (const auto& line : letter.at("headers").as_array())
            if (const std::string_view text = line.as_string(); text.starts_with("List-Unsubscribe: <")) {
                const auto from = text.find("/unsubscribe?token=");
                return std::string(text.substr(from, text.find('>') - from));
            }
        ADD_FAILURE() << "no List-Unsubscribe in " << boost::json::serialize(letter);
        return {};
    }
};

TEST_F(News, GoToNobodyWhoHasNotConfirmedThemByTheLink) {
    EXPECT_FALSE(is_subscribed());
    send_news();
    expect_nothing_before_an_announcement();

    const auto link = ask();
    EXPECT_THAT(notifications(), HasSubstr("We have sent you a link"));
    EXPECT_THAT(phone_.get(link).body, AllOf(HasSubstr("Yes, subscribe to news"), HasSubstr("advertising")));
    EXPECT_FALSE(is_subscribed()) << "programs that look into mails open links";
    send_news();
    expect_nothing_before_an_announcement();

    EXPECT_EQ(press(phone_, link).status, 200) << "on another device, without signing in";
    EXPECT_TRUE(is_subscribed());
    EXPECT_EQ(phone_.get(link).status, 410) << "once";
    send_news();
    EXPECT_THAT(next_mail(), AllOf(HasSubstr("three new courses"), HasSubstr("/unsubscribe?token=")));
    EXPECT_THAT(notifications(), Not(HasSubstr("three new courses"))) << "by mail only";
    EXPECT_THAT(place_.run({"announcement", "list"}).out, HasSubstr("subscribers"));
}

TEST_F(News, EndByOneClickInALetterFromAnywhere) {
    subscribe();
    send_news();
    const auto letter = next_letter();
    EXPECT_THAT(boost::json::serialize(letter.at("headers")),
                HasSubstr("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    const auto path = unsubscribing(letter);
    EXPECT_EQ(phone_.get(path).status, 200);
    EXPECT_TRUE(is_subscribed()) << "a link that is only opened ends nothing";

    PageClient mail_program(server_.port());
    EXPECT_EQ(mail_program
                  .post("/unsubscribe?token=AAAA" + path.substr(path.find('=') + 1),
                        {{"List-Unsubscribe", "One-Click"}})
                  .status,
              404);
    EXPECT_TRUE(is_subscribed());
    EXPECT_EQ(count_records(), 1);
    for (int time = 0; time < 2; ++time)
        EXPECT_EQ(mail_program.post(path, {{"List-Unsubscribe", "One-Click"}}).status, 200)
            << "no redirect, no cookie, no form of ours; and once more is as well";
    EXPECT_EQ(count_records(), 2) << "the second time there was nothing to end";
    EXPECT_FALSE(is_subscribed());
    send_news();
    expect_nothing_before_an_announcement();
}

TEST_F(News, EndByAnOldLetterAlsoWhileNoneAreSent) {
    subscribe();
    send_news();
    const auto path = unsubscribing(next_letter());
    turn(false);
    EXPECT_EQ(phone_.post(path, {{"List-Unsubscribe", "One-Click"}}).status, 200);
    turn(true);
    EXPECT_FALSE(is_subscribed());
    send_news();
    expect_nothing_before_an_announcement();
}

TEST_F(News, LeaveNothingOfSomebodyWhoIsGone) {
    subscribe();
    send_news();
    const auto path = unsubscribing(next_letter());
    ASSERT_EQ(place_.run({"requests", "enter", "--learner", mia, "--kind", "erasure", "--at-once"}).code, 0);
    for (int tries = 0; is_in(laptop_) && tries < 200; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto before = count_records();
    EXPECT_EQ(phone_.post(path, {{"List-Unsubscribe", "One-Click"}}).status, 200);
    EXPECT_EQ(count_records(), before);
}

TEST_F(News, AreNotOfferedToWhomNoneMayBeSent) {
    const auto born =
        std::to_string(static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(
                                                                        std::chrono::system_clock::now()))
                                            .year()) -
                       12);
    ASSERT_EQ(open_account(phone_, "child@example.org",
                           {{"age", "under"}, {"birth_month", "4"}, {"birth_year", born}})
                  .status,
              303);
    confirm(phone_, "child@example.org");
    EXPECT_THAT(phone_.get("/notifications").body,
                AllOf(HasSubstr("At present we send you no news"), Not(HasSubstr("value=\"ask\""))));
    EXPECT_EQ(phone_.post("/notifications/news", {{"choice", "ask"}}).status, 403);

    const auto link = ask();
    ASSERT_EQ(place_.run({"requests", "enter", "--learner", mia, "--kind", "restriction"}).code, 0);
    EXPECT_EQ(press(laptop_, link).status, 403) << "what was not so when the link was sent";
    EXPECT_THAT(notifications(), HasSubstr("At present we send you no news"));
}

TEST_F(News, AreConfirmedAsTheyWereShown) {
    const auto link = ask();
    const auto page = phone_.get(link);
    const auto answer = phone_.post("/news/confirm", {{"token", token_in(link)}, {"question", "another"}});
    EXPECT_THAT(answer.body, HasSubstr("Yes, subscribe to news")) << "it is shown once more";
    EXPECT_FALSE(is_subscribed());
    EXPECT_EQ(press(phone_, link).status, 200);
    EXPECT_TRUE(is_subscribed());
}

TEST_F(News, ThatWaitAreNotSentAfterTheEnd) {
    subscribe();
    sink_.control(R"({"at": "recipient", "code": 451, "text": "greylisted", "times": 1})");
    send_news();
    for (int tries = 0; place_.run({"mail", "list"}).out.find("greylisted") == std::string::npos; ++tries) {
        ASSERT_LT(tries, 200) << "the letter has to wait";
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    (void)notifications();
    EXPECT_EQ(laptop_.post("/notifications/news", {{"choice", "end"}}).status, 303);
    EXPECT_FALSE(is_subscribed());
    EXPECT_THAT(place_.run({"mail", "list"}).out, Not(HasSubstr("greylisted")));
    expect_nothing_before_an_announcement();
}

TEST_F(News, AreTurnedOnByNoSwitchAndOffByEach) {
    PageClient stranger(server_.port());
    EXPECT_THAT(stranger.get("/").body, Not(HasSubstr("Marketing by e-mail"))) << "no dialog asks for it";
    EXPECT_THAT(laptop_.get("/privacy").body,
                AllOf(HasSubstr("Marketing by e-mail"), HasSubstr("href=\"/notifications#news\"")));
    const auto answer = laptop_.post("/privacy/choices", {{"choice", "allow"}, {"key", key}});
    EXPECT_EQ(answer.location, "/notifications#news");
    (void)laptop_.get("/privacy");
    EXPECT_EQ(laptop_.post("/privacy/choices", {{"choice", "accept_all"}}).status, 303);
    (void)laptop_.get("/privacy");
    EXPECT_EQ(laptop_.post("/privacy/choices", {{"choice", "save"}, {"choice." + key, "allow"}}).status, 303);
    EXPECT_FALSE(is_subscribed());

    subscribe();
    (void)laptop_.get("/privacy");
    EXPECT_EQ(laptop_.post("/privacy/withdraw", {{"key", key}}).status, 303);
    EXPECT_FALSE(is_subscribed());
    subscribe();
    (void)laptop_.get("/privacy");
    EXPECT_EQ(laptop_.post("/privacy/off", {}).status, 303);
    EXPECT_FALSE(is_subscribed());
}

TEST_F(News, AreNotConfirmedByALinkToAnAddressThatWas) {
    const auto link = ask();
    (void)laptop_.get("/account/security");
    EXPECT_EQ(laptop_.post("/account/security/email", {{"email", "new@example.org"}, {"password", password}})
                  .status,
              303);
    confirm(laptop_, "new@example.org");
    EXPECT_EQ(phone_.get(link).status, 410);
    EXPECT_FALSE(is_subscribed());
}

TEST_F(News, AreOfNoCourseAndNotWithoutTheOperator) {
    const auto file = (place_.folder() / "news.txt").string();
    const auto refused = [&](const cli::test::Place& place, std::vector<std::string> more) {
        more.insert(more.begin(), {"announcement", "add", "--title-en", "x", "--text-en", file, "--news"});
        const auto result = place.run(more);
        EXPECT_NE(result.code, 0);
        return result.err;
    };
    EXPECT_THAT(refused(place_, {"--course", "python"}), HasSubstr("whatever course they take"));
    const cli::test::Place silent;
    const RunningServer server(silent);
    EXPECT_THAT(refused(silent, {}), HasSubstr("'news: true'"));
}

}  // namespace
}  // namespace calyptenora::http::test
