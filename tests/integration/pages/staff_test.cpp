#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::Place;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* password = "seventeen brown owls sing";

/// What the staff may see of learners, and what those learn of it.
class StaffPages : public testing::Test {
  protected:
    StaffPages() {
        EXPECT_TRUE(server_.is_open()) << server_.output();
        for (auto* client : {&mia_, &ben_}) {
            const std::string name = client == &mia_ ? "mia" : "ben";
            EXPECT_EQ(client->get("/register").status, 200);
            EXPECT_EQ(client
                          ->post("/register", {{"name", name},
                                               {"email", name + "@lms.example"},
                                               {"password", password},
                                               {"age", "over"}})
                          .status,
                      303);
        }
    }
    cli::test::Outcome explain(const std::vector<std::string>& more) {
        std::vector<std::string> words{
            "gate",     "explain",       "--learner", "mia@lms.example",
            "--plugin", "auth/password", "--purpose", "essential.service.authentication"};
        words.insert(words.end(), more.begin(), more.end());
        return place_.run(words);
    }
    boost::json::array list_accesses(const std::vector<std::string>& more = {}) {
        std::vector<std::string> words{"access", "list", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        const auto outcome = place_.run(words);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return boost::json::parse(outcome.out).as_array();
    }

    Place place_;
    RunningServer server_{place_};
    PageClient mia_{server_.port()}, ben_{server_.port()};
};

TEST_F(StaffPages, NobodyLooksWithoutAReason) {
    EXPECT_EQ(explain({}).code, 2);
    const auto blank = explain({"--reason", "  "});
    EXPECT_EQ(blank.code, 1);
    EXPECT_EQ(blank.out, "");
    EXPECT_THAT(blank.err, HasSubstr("opened for a reason"));
    EXPECT_EQ(explain({"--reason", std::string(2001, 'x')}).code, 1);
    EXPECT_TRUE(list_accesses().empty());
    EXPECT_THAT(mia_.get("/account/data").body, HasSubstr("Nobody so far."));
}

TEST_F(StaffPages, WhoIsLookedAtReadsByWhomAndWhatFor) {
    EXPECT_EQ(explain({"--reason", "asked <why> nothing is sent"}).code, 0);
    const auto page = mia_.get("/account/data").body;
    EXPECT_THAT(page, HasSubstr("asked &lt;why&gt; nothing is sent"));
    EXPECT_THAT(page, HasSubstr("<td>operator</td>"));
    EXPECT_THAT(page, HasSubstr("What a service would receive now, and why"));
    EXPECT_THAT(page, Not(HasSubstr("system:"))) << "the role, not the name";
    EXPECT_THAT(ben_.get("/account/data").body, HasSubstr("Nobody so far.")) << "nothing of somebody else";

    const auto list = list_accesses();
    ASSERT_EQ(list.size(), 1);
    EXPECT_THAT(std::string(list[0].at("who").as_string()), testing::StartsWith("system:"));
    EXPECT_EQ(list[0].at("what"), "decision");
    EXPECT_EQ(list_accesses({"--learner", "mia@lms.example"}).size(), 1);
    EXPECT_TRUE(list_accesses({"--learner", "ben@lms.example"}).empty());
    EXPECT_EQ(place_.run({"ledger", "verify"}).code, 0);
}

TEST_F(StaffPages, EveryCommandThatShowsARecordTakesPart) {
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--reason", "the day's work"});
        const auto outcome = place_.run(words);
        EXPECT_EQ(outcome.code, 0) << words[0] << " " << words[1] << ": " << outcome.err;
    };
    EXPECT_EQ(mia_.get("/account/data").status, 200);
    EXPECT_EQ(mia_.post("/account/data/access", {}).status, 303);
    run({"requests", "list"});
    run({"ledger", "proof", "mia@lms.example"});
    run({"privacy", "export", "mia@lms.example", "--output", (place_.folder() / "mia.zip").string()});
    run({"contracts", "list"});
    std::vector<std::string> opened;
    for (const auto& row : list_accesses())
        opened.emplace_back(row.at("what").as_string());
    EXPECT_THAT(opened, testing::UnorderedElementsAre("requests", "ledgers", "copy"))
        << "nobody has declared anything";
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"requests", "list"}, {"contracts", "list"}, {"ledger", "proof", "mia@lms.example"}})
        EXPECT_EQ(place_.run(words).code, 2) << words[0] << " without a reason";
}

}  // namespace
}  // namespace calyptenora::http::test
