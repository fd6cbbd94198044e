#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

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
    /// Signs in as somebody new with this role, and the evidence for it.
    PageClient sign_in_as(const std::string& role, bool is_in_effect = true) {
        const auto email = role + "@lms.example";
        EXPECT_EQ(place_.add_user(email, {"--role", role, "--language", "en"}).code, 0);
        if (is_in_effect)
            for (const auto* kind : {"undertaking", "training"})
                EXPECT_EQ(place_
                              .run({"staff", kind, "--account", email, "--date", "2026-01-02", "--evidence",
                                    "sheet 4"})
                              .code,
                          0);
        PageClient client(server_.port());
        client.get("/sign-in");
        EXPECT_EQ(client.post("/sign-in", {{"email", email}, {"password", password}}).status, 303);
        return client;
    }
    static calyptenora::test::Page open(PageClient& client, const std::string& whom,
                                        const std::string& reason) {
        client.get("/staff");
        return client.post("/staff/record", {{"whom", whom}, {"reason", reason}});
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
    EXPECT_EQ(mia_.post("/account/data/erasure", {{"password", password}}).status, 303);
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

TEST_F(StaffPages, ARecordIsOpenedForAReasonAndAsFarAsTheRoleNeeds) {
    auto support = sign_in_as("support");
    EXPECT_THAT(support.get("/").body, HasSubstr("href=\"/staff\""));
    EXPECT_THAT(support.get("/staff").body, HasSubstr("With this role you see: name, e-mail address"));
    EXPECT_EQ(open(support, "mia@lms.example", " ").status, 422);
    EXPECT_EQ(open(support, "nobody@lms.example", "asked").status, 422);
    EXPECT_TRUE(list_accesses().empty());

    const auto record = open(support, "mia@lms.example", "asked about an <order>");
    EXPECT_EQ(record.status, 200);
    EXPECT_THAT(record.body, HasSubstr("mia · mia@lms.example"));
    EXPECT_THAT(record.body, HasSubstr("asked about an &lt;order&gt;"));
    EXPECT_THAT(record.body, Not(HasSubstr("Requests about personal data")));
    const auto own = mia_.get("/account/data").body;
    EXPECT_THAT(own, HasSubstr("<td>help desk</td>"));
    EXPECT_THAT(own, HasSubstr("asked about an &lt;order&gt;"));

    auto teacher = sign_in_as("teacher");
    const auto seen = open(teacher, "mia@lms.example", "a talk about the course");
    EXPECT_EQ(seen.status, 200);
    EXPECT_THAT(seen.body, HasSubstr("id=\"learning-title\""));
    EXPECT_THAT(seen.body, Not(HasSubstr("mia@lms.example")));
    auto protection = sign_in_as("data_protection");
    EXPECT_THAT(open(protection, "mia@lms.example", "her request").body,
                HasSubstr("Requests about personal data"));
    EXPECT_EQ(list_accesses().size(), 3);
}

TEST_F(StaffPages, OthersFindNoSuchPage) {
    PageClient stranger(server_.port());
    EXPECT_EQ(stranger.get("/staff").status, 303) << "asked to sign in";
    EXPECT_EQ(mia_.get("/staff").status, 404);
    EXPECT_EQ(mia_.get("/account").status, 200);
    EXPECT_EQ(mia_.post("/staff/record", {{"whom", "ben@lms.example"}, {"reason", "curious"}}).status, 404);
    EXPECT_THAT(mia_.get("/").body, Not(HasSubstr("href=\"/staff\"")));

    auto unbound = sign_in_as("support", false);
    const auto page = unbound.get("/staff").body;
    EXPECT_THAT(page, HasSubstr("This role has no effect yet."));
    EXPECT_THAT(page, Not(HasSubstr("<form method=\"post\" action=\"/staff/record\">")));
    EXPECT_EQ(unbound.post("/staff/record", {{"whom", "mia@lms.example"}, {"reason", "curious"}}).status,
              403);
    EXPECT_TRUE(list_accesses().empty());
}

TEST_F(StaffPages, TheOperatorSeesWhatIsMissingAndTakesRoles) {
    auto support = sign_in_as("support", false);
    const auto missing = place_.run({"staff", "list"});
    EXPECT_THAT(missing.out, HasSubstr("MISSING"));
    EXPECT_EQ(place_
                  .run({"staff", "training", "--account", "support@lms.example", "--date", "2020-01-02",
                        "--evidence", "list"})
                  .code,
              0);
    EXPECT_EQ(place_
                  .run({"staff", "undertaking", "--account", "support@lms.example", "--date", "2020-01-02",
                        "--evidence", "sheet"})
                  .code,
              0);
    EXPECT_THAT(place_.run({"staff", "list"}).out, HasSubstr("2020-01-02 DUE"));
    EXPECT_THAT(support.get("/staff").body, HasSubstr("The next is due."));
    EXPECT_EQ(open(support, "mia@lms.example", "asked").status, 200);
    EXPECT_EQ(place_.run({"staff", "appoint", "--account", "support@lms.example", "--role", "learner"}).code,
              0);
    EXPECT_EQ(support.get("/staff").status, 404);
    const auto wrong = place_.run({"staff", "appoint", "--account", "mia@lms.example", "--role", "teachr"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("did you mean \"teacher\"?"));
    EXPECT_EQ(place_
                  .run({"staff", "training", "--account", "mia@lms.example", "--date", "tomorrow",
                        "--evidence", "list"})
                  .code,
              1);
}

TEST_F(StaffPages, WhatIsOpenedIsReviewedBySomebodyElse) {
    auto support = sign_in_as("support"), protection = sign_in_as("data_protection");
    // All are called Ada here, so the rule about names has no say; everybody's own record has.
    EXPECT_EQ(open(support, "support@lms.example", "curious").status, 200);
    EXPECT_EQ(open(protection, "data_protection@lms.example", "a test").status, 200);
    EXPECT_EQ(support.get("/staff/reviews").status, 404);
    EXPECT_EQ(mia_.get("/staff/reviews").status, 404);
    const auto page = protection.get("/staff/reviews");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("their own record"));
    EXPECT_THAT(page.body, HasSubstr("curious"));
    EXPECT_THAT(page.body, HasSubstr("You opened this yourself"));

    std::map<std::string, std::string> ids;
    const auto waiting = place_.run({"review", "list", "--json"});
    EXPECT_EQ(waiting.code, 0) << waiting.err;
    const auto list = boost::json::parse(waiting.out);
    for (const auto& row : list.as_array())
        ids[std::string(row.at("role").as_string())] = row.at("id").as_string();
    ASSERT_EQ(ids.size(), 2);
    const auto sign = [&](const std::string& role, const std::string& verdict, const std::string& remark) {
        protection.get("/staff/reviews");
        return protection
            .post("/staff/reviews", {{"access", ids.at(role)}, {"verdict", verdict}, {"remark", remark}})
            .status;
    };
    EXPECT_EQ(sign("data_protection", "justified", ""), 403) << "her own";
    EXPECT_EQ(sign("support", "unjustified", ""), 422);
    EXPECT_EQ(sign("support", "maybe", "x"), 404);
    EXPECT_EQ(sign("support", "unjustified", "no case was open"), 303);
    EXPECT_EQ(sign("support", "justified", ""), 404) << "a verdict stays";

    const auto report = boost::json::parse(place_.run({"review", "report", "--json"}).out);
    EXPECT_EQ(report.at("looks"), 2);
    EXPECT_EQ(report.at("unjustified"), 1);
    EXPECT_EQ(report.at("open"), 1);
    EXPECT_THAT(place_.run({"review", "report"}).out, HasSubstr("personal data breach"));
}

}  // namespace
}  // namespace calyptenora::http::test
