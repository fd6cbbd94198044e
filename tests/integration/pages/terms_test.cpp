#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

// Terms of use with versions, with the program itself: whoever opens an account accepts them, and whoever has
// one is asked anew.
namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

class PlaceWithTerms : public cli::test::Place {
  public:
    PlaceWithTerms() {
        std::filesystem::create_directory(folder() / "policies");
        write_terms("Be kind.");
        std::ifstream stream(config());
        std::string yaml(std::istreambuf_iterator<char>(stream), {});
        yaml.insert(yaml.find("platform: {") + 11, "policies: policies, ");
        write("calyptenora.yaml", yaml);
    }
    void write_terms(const std::string& text) const {
        write("policies/terms.de.md", "# Bedingungen\n\n" + text + "\n");
        write("policies/terms.en.md", "# Terms\n\n" + text + "<script>steal()</script>\n");
    }
};

class TermsOfUse : public ::testing::Test {
  protected:
    TermsOfUse() { EXPECT_TRUE(server_.is_open()) << server_.output(); }

    calyptenora::test::Page open_account(PageClient& client, const char* terms) {
        (void)client.get("/register");
        return client.post("/register", {{"name", "Mia"},
                                         {"email", "mia@example.org"},
                                         {"password", "seventeen brown owls sing"},
                                         {"age", "over"},
                                         {"terms", terms}});
    }
    void change_terms(const std::string& text) {
        place_.write_terms(text);
        kill(server_.pid(), SIGHUP);
        PageClient somebody(server_.port());
        for (int tries = 0; tries < 200; ++tries) {
            if (somebody.get("/terms").body.find(text) != std::string::npos)
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        ADD_FAILURE() << "the new terms are not shown";
    }

    PlaceWithTerms place_;
    RunningServer server_{place_};
    PageClient mia_{server_.port()};
};

TEST_F(TermsOfUse, AreAcceptedWhenAnAccountIsOpenedAndAskedForAgainWhenTheyChange) {
    EXPECT_THAT(mia_.get("/register").body, HasSubstr("I accept the terms of use (version 1)"));
    const auto page = mia_.get("/terms").body;
    EXPECT_THAT(page, HasSubstr("Be kind."));
    EXPECT_THAT(page, HasSubstr("<h2>Terms</h2>"));
    EXPECT_THAT(page, Not(HasSubstr("steal()")));
    const auto refused = open_account(mia_, "");
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, HasSubstr("Without your agreement"));
    EXPECT_THAT(refused.body, HasSubstr("mia@example.org")) << "what was typed is kept";
    EXPECT_EQ(open_account(mia_, "1").status, 303);
    EXPECT_THAT(mia_.get("/terms").body, HasSubstr("you accepted version 1"));
    EXPECT_THAT(mia_.get("/").body, Not(HasSubstr("new notification")));

    change_terms("Be very kind.");
    EXPECT_THAT(mia_.get("/").body, HasSubstr("1 new notification"));
    EXPECT_THAT(mia_.get("/notifications").body, HasSubstr("The terms of use have changed"));
    const auto changed = mia_.get("/terms").body;
    EXPECT_THAT(changed, HasSubstr("Until you accept, nothing changes for you"));
    EXPECT_THAT(changed, HasSubstr("you accepted version 1"));
    EXPECT_THAT(mia_.get("/terms/versions/1").body, HasSubstr("Be kind.")) << "what was accepted can be read";
    EXPECT_EQ(mia_.get("/terms/versions/3").status, 404);

    // A form that has been open since before the change accepts nothing that was not read.
    (void)mia_.get("/terms");
    EXPECT_EQ(mia_.post("/terms", {{"terms", "1"}}).status, 303);
    EXPECT_THAT(mia_.get("/").body, HasSubstr("1 new notification"));
    (void)mia_.get("/terms");
    EXPECT_EQ(mia_.post("/terms", {{"terms", "2"}}).status, 303);
    EXPECT_THAT(mia_.get("/").body, Not(HasSubstr("new notification")));
    EXPECT_THAT(mia_.get("/terms").body, HasSubstr("you accepted version 2"));
}

TEST_F(TermsOfUse, ThatChangeWhileSomebodyRegistersAreShownAnew) {
    (void)mia_.get("/register");
    change_terms("Be very kind.");
    const auto late = open_account(mia_, "1");
    EXPECT_EQ(late.status, 422);
    EXPECT_THAT(late.body, HasSubstr("The terms of use have just changed"));
    EXPECT_EQ(open_account(mia_, "2").status, 303);
}

TEST_F(TermsOfUse, ThatCannotBeReadChangeNothing) {
    std::filesystem::remove(place_.folder() / "policies/terms.en.md");
    kill(server_.pid(), SIGHUP);
    std::string log;
    for (int tries = 0; tries < 200 && log.find("terms.en.md") == std::string::npos; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        log = server_.read_more();
    }
    EXPECT_THAT(log, HasSubstr("terms.en.md cannot be read"));
    EXPECT_THAT(mia_.get("/terms").body, HasSubstr("Be kind."));
}

TEST(PlatformWithoutTerms, AsksForNone) {
    const cli::test::Place place;
    const RunningServer server(place);
    ASSERT_TRUE(server.is_open()) << server.output();
    PageClient somebody(server.port());
    EXPECT_EQ(somebody.get("/terms").status, 404);
    EXPECT_THAT(somebody.get("/register").body, Not(HasSubstr("terms of use")));
}

}  // namespace
}  // namespace calyptenora::http::test
