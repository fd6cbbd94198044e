#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

// What a learner reads of an authority's legal demand, and from when on.
namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::Place;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* password = "seventeen brown owls sing";

std::string in_days(int days) {
    const std::chrono::year_month_day date(
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) + std::chrono::days(days));
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

class DemandPages : public testing::Test {
  protected:
    DemandPages() {
        EXPECT_TRUE(server_.is_open()) << server_.output();
        (void)mia_.get("/register");
        EXPECT_EQ(
            mia_.post(
                    "/register",
                    {{"name", "Mia"}, {"email", "mia@lms.example"}, {"password", password}, {"age", "over"}})
                .status,
            303);
        for (const auto* email : {"ada@lms.example", "otto@lms.example"}) {
            must(place_.add_user(email, {"--language", "en"}));
            for (const auto* kind : {"undertaking", "training"})
                must(place_.run(
                    {"staff", kind, "--account", email, "--date", "2026-01-02", "--evidence", "sheet 4"}));
        }
        must(place_.run({"privacy", "export", "ada@lms.example", "--output",
                         (place_.folder() / "x.zip").string(), "--reason", "to see who I am"}));
        const auto looks = boost::json::parse(place_.run({"access", "list", "--json"}).out);
        user_ = std::string(looks.at(0).at("who").as_string()).substr(std::string("system:").size());
    }
    static void must(const cli::test::Outcome& outcome) { EXPECT_EQ(outcome.code, 0) << outcome.err; }
    void act_as(const std::string& email, const std::string& role) const {
        for (const auto* other : {"ada@lms.example", "otto@lms.example"})
            must(place_.run({"staff", "appoint", "--account", other, "--role", "learner"}));
        must(place_.run({"staff", "appoint", "--account", email, "--role", role, "--system-user", user_}));
    }
    /// Entered and assessed by one, released by another. Yields its id.
    std::string answer(const std::string& authority, std::vector<std::string> more = {}) const {
        act_as("ada@lms.example", "data_protection");
        std::vector<std::string> words{"authority",   "enter",         "--learner",  "mia@lms.example",
                                       "--authority", authority,       "--address",  "Gerichtsweg 1",
                                       "--reference", "123 Js 456/26", "--ground",   "section 22 TDDDG",
                                       "--fields",    "user.name",     "--received", "2026-01-05",
                                       "--due",       "2026-01-12",    "--json"};
        words.insert(words.end(), more.begin(), more.end());
        const auto entered = place_.run(words);
        must(entered);
        const std::string id(boost::json::parse(entered.out).at("id").as_string());
        must(
            place_.run({"authority", "assess", "--demand", id, "--decision", "full", "--reason", "obliged"}));
        act_as("otto@lms.example", "operator");
        must(place_.run({"authority", "release", "--demand", id, "--output",
                         (place_.folder() / (id + ".zip")).string()}));
        return id;
    }

    const Place place_;
    RunningServer server_{place_};
    PageClient mia_{server_.port()};
    std::string user_;
};

TEST_F(DemandPages, ShowWhatWasHandedOverAtOnce) {
    answer("Ordnungsamt <Musterstadt>");
    const auto own = mia_.get("/account/data").body;
    for (const auto* part :
         {"Ordnungsamt &lt;Musterstadt&gt;", "123 Js 456/26", "section 22 TDDDG", "Handed over on"})
        EXPECT_THAT(own, HasSubstr(part));
    const auto record = mia_.get("/account/data/record").body;
    EXPECT_THAT(
        record,
        HasSubstr("we sent to Ordnungsamt &lt;Musterstadt&gt;: name. Demanded by law (Art. 6(1)(c) GDPR)."));
}

TEST_F(DemandPages, ShowNothingUntilTheDeferralEnds) {
    const auto id =
        answer("Staatsanwaltschaft", {"--defer-until", in_days(30), "--defer-ground", "section 95a StPO"});
    for (const auto* page : {"/account/data", "/account/data/record", "/privacy"})
        for (const auto* trace : {"Staatsanwaltschaft", "123 Js", "handed to authorities"})
            EXPECT_THAT(mia_.get(page).body, Not(HasSubstr(trace))) << page;
    act_as("ada@lms.example", "data_protection");
    EXPECT_EQ(place_.run({"authority", "notify", "--demand", id}).code, 1) << "not yet";
    EXPECT_THAT(mia_.get("/account/data").body, Not(HasSubstr("Staatsanwaltschaft")));
    must(place_.run({"authority", "notify", "--demand", id, "--lifted", "by the court"}));
    EXPECT_THAT(mia_.get("/account/data").body, HasSubstr("Staatsanwaltschaft"));
    EXPECT_THAT(mia_.get("/account/data").body,
                HasSubstr("legal demand of Staatsanwaltschaft, 123 Js 456/26"));
    EXPECT_THAT(mia_.get("/account/data/record").body, HasSubstr("we sent to Staatsanwaltschaft"));
}

}  // namespace
}  // namespace calyptenora::http::test
