#include "integration/pages/asking_place.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view flow = "analytics/xapi|analytics.reporting.content_performance";
constexpr std::string_view needs_guardian = "A parent or guardian must agree to this as well.";
constexpr std::string_view awaits_guardian = "It begins when a parent or guardian has agreed as well.";
constexpr std::string_view is_on = "data-withdraw=\"analytics/xapi\"";

/// What flows by the page's word; that a request is passed on to a recipient, always may.
constexpr int always_on = 1;
int count_on(const std::string& page) {
    const std::string mark = "recipient--on";
    int count = 0;
    for (auto at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 1))
        ++count;
    return count;
}

class Minors : public testing::Test {
  protected:
    Minors() { EXPECT_TRUE(server_.is_open()) << server_.output(); }

    calyptenora::test::Page register_as(PageClient& client, const std::string& email,
                                        const PageClient::Fields& age) {
        EXPECT_THAT(client.get("/register").body, HasSubstr("Are you at least 16 years old?"));
        PageClient::Fields fields{
            {"name", "Mia"}, {"email", email}, {"password", "seventeen brown owls sing"}};
        fields.insert(fields.end(), age.begin(), age.end());
        return client.post("/register", fields);
    }
    std::string privacy_page(PageClient& client) { return client.get("/privacy").body; }
    void allow(PageClient& client) {
        EXPECT_EQ(client.post("/privacy/choices", {{"key", std::string(flow)}, {"choice", "allow"}}).status,
                  303);
    }
    cli::test::Outcome record_guardian(const std::string& email, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"guardian",  "record",
                                       "--learner", email,
                                       "--plugin",  "analytics/xapi",
                                       "--purpose", "analytics.reporting.content_performance",
                                       "--proof",   "form 12, called back"};
        words.insert(words.end(), more.begin(), more.end());
        return place_.run(words);
    }

    AskingPlace place_;
    RunningServer server_{place_};
    std::string twelve_years_ago_ =
        std::to_string(static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(
                                                                        std::chrono::system_clock::now()))
                                            .year()) -
                       12);
};

TEST_F(Minors, AreAskedForTheirAge) {
    PageClient client(server_.port());
    const auto without = register_as(client, "mia@lms.example", {});
    EXPECT_EQ(without.status, 422);
    EXPECT_THAT(without.body, HasSubstr("Please choose one of the two answers."));
    const auto dateless = register_as(client, "mia@lms.example", {{"age", "under"}});
    EXPECT_EQ(dateless.status, 422);
    EXPECT_THAT(dateless.body, HasSubstr("Please give month and year of birth"));
    const auto grown = register_as(client, "mia@lms.example",
                                   {{"age", "under"}, {"birth_month", "4"}, {"birth_year", "1980"}});
    EXPECT_EQ(grown.status, 422);
    EXPECT_THAT(grown.body, HasSubstr("That does not fit"));
    EXPECT_EQ(register_as(client, "mia@lms.example", {{"age", "over"}}).status, 303);
}

TEST_F(Minors, NeedTheirGuardianBesideThem) {
    PageClient client(server_.port());
    ASSERT_EQ(register_as(client, "mia@lms.example",
                          {{"age", "under"}, {"birth_month", "4"}, {"birth_year", twelve_years_ago_}})
                  .status,
              303);
    EXPECT_THAT(privacy_page(client), HasSubstr(needs_guardian));
    allow(client);
    EXPECT_THAT(privacy_page(client), HasSubstr(awaits_guardian));

    const auto allowed = record_guardian("mia@lms.example");
    EXPECT_EQ(allowed.code, 0) << allowed.err;
    EXPECT_THAT(allowed.out, HasSubstr("It may flow now."));
    auto page = privacy_page(client);
    EXPECT_THAT(page, Not(HasSubstr(awaits_guardian)));
    EXPECT_EQ(count_on(page), always_on + 1);

    const auto withdrawn = record_guardian("mia@lms.example", {"--withdraw"});
    EXPECT_EQ(withdrawn.code, 0) << withdrawn.err;
    page = privacy_page(client);
    EXPECT_THAT(page, HasSubstr(awaits_guardian));
    EXPECT_EQ(count_on(page), always_on);
    EXPECT_EQ(place_.run({"ledger", "verify"}).code, 0);
}

// The twin: nothing of it for somebody who is old enough.
TEST_F(Minors, OfAgeNeedNobody) {
    PageClient client(server_.port());
    ASSERT_EQ(register_as(client, "ada@lms.example", {{"age", "over"}}).status, 303);
    EXPECT_THAT(privacy_page(client), Not(HasSubstr(needs_guardian)));
    allow(client);
    const auto page = privacy_page(client);
    EXPECT_THAT(page, Not(HasSubstr(awaits_guardian)));
    EXPECT_EQ(count_on(page), always_on + 1);
    EXPECT_THAT(page, HasSubstr(is_on));
    const auto told = record_guardian("ada@lms.example");
    EXPECT_EQ(told.code, 1);
    EXPECT_THAT(told.err, HasSubstr("needs no guardian"));
}

TEST_F(Minors, AreAlsoAddedByTheOperator) {
    EXPECT_EQ(place_.add_user("tom@lms.example", {"--guardian-until", "2999-12"}).code, 0);
    EXPECT_THAT(record_guardian("tom@lms.example").out, HasSubstr("Nothing flows yet"));
    EXPECT_EQ(place_.add_user("jo@lms.example", {"--guardian-until", "soon"}).code, 1);
}

}  // namespace
}  // namespace calyptenora::http::test
