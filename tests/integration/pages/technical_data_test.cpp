#include "integration/pages/asking_place.hpp"
#include "support/page_client.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

// What browsers are asked to tell of themselves, by the program itself.
namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* timings = "core/technical|analytics.reporting.system_performance";
constexpr const char* browsers = "core/technical|functional.service.improve";
constexpr const char* devices = "core/technical|analytics.reporting.content_performance";

class CountingPlace : public cli::test::Place {
  public:
    CountingPlace() {
        std::ifstream stream(config());
        write("calyptenora.yaml",
              "technical_data: {performance: true, functional: true, analytics: true, smallest_group: 10}\n" +
                  std::string(std::istreambuf_iterator<char>(stream), {}));
    }
};

class TechnicalDataPages : public testing::Test {
  protected:
    TechnicalDataPages() {
        EXPECT_TRUE(server_.is_open()) << server_.output();
        visitor_.use_agent(
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/138.0.0.0 Mobile Safari/537.36");
    }
    int choose(const char* flow, bool allowed) {
        visitor_.get("/privacy");
        return allowed ? visitor_.post("/privacy/choices", {{"choice", "allow"}, {"key", flow}}).status
                       : visitor_.post("/privacy/withdraw", {{"key", flow}}).status;
    }
    int tell(const PageClient::Fields& more = {{"lcp", "1234"}}, const std::string& page = "home") {
        auto fields = more;
        fields.emplace_back("page", page);
        return visitor_.post("/technical-data", fields).status;
    }
    long long rows(const std::string& from) {
        sqlite3* database = nullptr;
        EXPECT_EQ(sqlite3_open((place_.data() / "calyptenora.db").c_str(), &database), SQLITE_OK);
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(
            sqlite3_prepare_v2(database, ("select count(*) from " + from).c_str(), -1, &statement, nullptr),
            SQLITE_OK);
        EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
        const auto count = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        sqlite3_close(database);
        return count;
    }

    CountingPlace place_;
    RunningServer server_{place_};
    PageClient visitor_{server_.port()};
};

TEST_F(TechnicalDataPages, LoadTheScriptOnlyForWhatIsAllowed) {
    const auto before = visitor_.get("/").body;
    EXPECT_THAT(before, Not(HasSubstr("technical.js")));
    EXPECT_THAT(before, AllOf(HasSubstr("May we measure how well pages work for you?"), HasSubstr("Refuse")));
    EXPECT_EQ(tell(), 403) << "nobody has allowed anything";
    ASSERT_EQ(choose(timings, true), 303);
    EXPECT_THAT(visitor_.get("/").body,
                AllOf(HasSubstr("technical.js"), HasSubstr("data-uses=\"performance\" data-page=\"home\"")));
    EXPECT_EQ(tell(), 204);
    ASSERT_EQ(choose(browsers, true), 303);
    EXPECT_THAT(visitor_.get("/privacy").body,
                HasSubstr("data-uses=\"performance functional\" data-page=\"privacy\""));
    ASSERT_EQ(choose(timings, false), 303);
    ASSERT_EQ(choose(browsers, false), 303);
    EXPECT_THAT(visitor_.get("/").body, Not(HasSubstr("technical.js")));
    EXPECT_EQ(tell(), 403);
    EXPECT_EQ(rows("page_timings"), 1);
}

TEST_F(TechnicalDataPages, GiveTheDeviceAnIdentifierOnlyForItsOwnPurpose) {
    ASSERT_EQ(choose(timings, true), 303);
    visitor_.get("/");
    EXPECT_EQ(tell(), 204);
    EXPECT_EQ(rows("devices"), 0) << "another purpose has no identifier";
    ASSERT_EQ(choose(devices, true), 303);
    visitor_.get("/");
    EXPECT_EQ(tell(), 204);
    EXPECT_EQ(rows("devices where form = 'phone' and browser = 'Chrome' and system = 'Android'"), 1);
    visitor_.get("/");
    EXPECT_EQ(tell(), 204);
    EXPECT_EQ(rows("devices"), 1) << "known again";
    ASSERT_EQ(choose(devices, false), 303);
    EXPECT_EQ(rows("devices"), 0);
    // Allowed again, it is another device: the cookie has gone.
    visitor_.get("/");
    ASSERT_EQ(choose(devices, true), 303);
    visitor_.get("/");
    EXPECT_EQ(tell(), 204);
    EXPECT_EQ(rows("devices"), 1);
}

TEST_F(TechnicalDataPages, CountNoNonsenseAndAnswerItWithoutAPage) {
    ASSERT_EQ(choose(timings, true), 303);
    ASSERT_EQ(choose(browsers, true), 303);
    visitor_.get("/");
    for (const auto* page :
         {"", "nowhere", "../etc/passwd", "home'; drop table page_timings; --", "/courses/x"})
        EXPECT_EQ(tell({{"lcp", "1"}}, page), 400) << page;
    for (const auto* value : {"", "-1", "1e3", "12x", "99999999999999999999", "NaN", "<script>", "600001"})
        EXPECT_EQ(tell({{"lcp", value}, {"screen", value}}), 204) << value;
    EXPECT_EQ(rows("page_timings"), 0);
    EXPECT_EQ(rows("browser_views"), 0);
    EXPECT_EQ(tell({{"lcp", "599999"}, {"screen", "from_1920"}}), 204);
    EXPECT_EQ(rows("page_timings where bucket = 20000"), 1) << "slow is slow";
    EXPECT_EQ(rows("browser_views where screen = 'from_1920'"), 1);
    EXPECT_EQ(tell({{"lcp", std::string(3000, '1')}}), 413);
    PageClient stranger(server_.port());
    EXPECT_EQ(stranger.post("/technical-data", {{"page", "home"}, {"lcp", "1"}}).status, 403)
        << "nobody's form";
    EXPECT_EQ(rows("page_timings"), 1);
}

TEST_F(TechnicalDataPages, AreNotOfStaffNorOfAnAccountsSecurity) {
    ASSERT_EQ(place_.add_user("ada@lms.example", {"--role", "support", "--language", "en"}).code, 0);
    for (const auto* kind : {"undertaking", "training"})
        ASSERT_EQ(place_
                      .run({"staff", kind, "--account", "ada@lms.example", "--date", "2026-01-02",
                            "--evidence", "sheet 4"})
                      .code,
                  0);
    visitor_.get("/sign-in");
    ASSERT_EQ(
        visitor_.post("/sign-in", {{"email", "ada@lms.example"}, {"password", "seventeen brown owls sing"}})
            .status,
        303);
    ASSERT_EQ(choose(timings, true), 303);
    for (const auto* path : {"/staff", "/account/security"}) {
        const auto page = visitor_.get(path);
        EXPECT_EQ(page.status, 200) << path;
        EXPECT_THAT(page.body, Not(HasSubstr("technical.js"))) << path;
    }
    EXPECT_THAT(visitor_.get("/account").body, HasSubstr("technical.js")) << "control";
    for (const auto* page : {"staff", "staff_record", "staff_reviews", "staff_figures", "security"})
        EXPECT_EQ(tell({{"lcp", "1234"}}, page), 400) << page;
    EXPECT_EQ(rows("page_timings"), 0);
    EXPECT_EQ(tell({{"lcp", "1234"}}, "account"), 204) << "control";
    EXPECT_EQ(rows("page_timings"), 1);
}

TEST_F(TechnicalDataPages, AreNotFlooded) {
    ASSERT_EQ(choose(timings, true), 303);
    visitor_.get("/");
    int counted = 0, refused = 0;
    for (int i = 0; i < 60; ++i)
        ++(tell() == 204 ? counted : refused);
    EXPECT_GE(counted, 30);
    EXPECT_GT(refused, 0);
}

TEST_F(TechnicalDataPages, AreReadByTheCommandInGroupsThatAreLargeEnough) {
    ASSERT_EQ(choose(timings, true), 303);
    visitor_.get("/");
    for (int i = 0; i < 9; ++i)
        ASSERT_EQ(tell({{"lcp", "2600"}, {"ttfb", "120"}}), 204);
    ASSERT_EQ(tell({{"lcp", "500"}}, "lesson"), 204);
    auto answer = boost::json::parse(place_.run({"figures", "technical", "--json"}).out);
    EXPECT_TRUE(answer.at("pages").as_array().empty()) << answer;
    EXPECT_EQ(answer.at("small_pages"), 2);
    ASSERT_EQ(tell({{"lcp", "2600"}, {"ttfb", "120"}}), 204);
    answer = boost::json::parse(place_.run({"figures", "technical", "--json"}).out);
    ASSERT_EQ(answer.at("pages").as_array().size(), 1u) << answer;
    const auto& page = answer.at("pages").at(0);
    EXPECT_EQ(page.at("page"), "home");
    EXPECT_EQ(page.at("kind"), "phone");
    EXPECT_EQ(page.at("views"), 10);
    EXPECT_EQ(page.at("lcp_ms"), 2700);
    EXPECT_EQ(page.at("ttfb_ms"), 130);
    EXPECT_TRUE(page.at("inp_ms").is_null());
    EXPECT_EQ(answer.at("small_pages"), 1) << "one lesson";
    const auto text = place_.run({"figures", "technical"}).out;
    EXPECT_THAT(text, AllOf(HasSubstr("home"), HasSubstr("2700"),
                            HasSubstr("Left out: 1 group with fewer than 10 views")));
    EXPECT_EQ(place_.run({"figures", "technical", "--by", "people"}).code, 2);
}

TEST_F(TechnicalDataPages, AreExplainedWhereTheyAreSwitched) {
    const auto settings = visitor_.get("/privacy").body;
    EXPECT_THAT(settings, AllOf(HasSubstr("Only one of five sizes"), HasSubstr("A random number"),
                                HasSubstr("90 days"), HasSubstr("180 days")));
    const auto notice = visitor_.get("/privacy-notice").body;
    EXPECT_THAT(notice, AllOf(HasSubstr("__Host-device"), HasSubstr("Only after consent: a random number")));
    EXPECT_THAT(place_.run({"privacy", "record", "--json"}).out, HasSubstr("core/technical"));
}

// Without the setting there is nothing to ask for.
TEST(TechnicalDataOff, AsksNothingAndCountsNothing) {
    cli::test::Place place;
    RunningServer server(place);
    ASSERT_TRUE(server.is_open()) << server.output();
    PageClient visitor(server.port());
    EXPECT_THAT(visitor.get("/").body, Not(HasSubstr("data-consent-dialog")));
    visitor.get("/privacy");
    EXPECT_EQ(visitor.post("/privacy/choices", {{"choice", "allow"}, {"key", timings}}).status, 404);
    EXPECT_EQ(visitor.post("/technical-data", {{"page", "home"}, {"lcp", "1"}}).status, 403);
}

}  // namespace
}  // namespace calyptenora::http::test
