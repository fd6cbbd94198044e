#include "integration/pages/mailed_accounts.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

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
    for (int time = 0; time < 2; ++time)
        EXPECT_EQ(mail_program.post(path, {{"List-Unsubscribe", "One-Click"}}).status, 200)
            << "no redirect, no cookie, no form of ours; and once more is as well";
    EXPECT_FALSE(is_subscribed());
    send_news();
    expect_nothing_before_an_announcement();
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
