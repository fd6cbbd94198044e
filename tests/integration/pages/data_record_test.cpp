#include "integration/pages/asking_place.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The page that says what is known about a learner: for that learner, with controls that work.
namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* password = "seventeen brown owls sing";
constexpr const char* address = "/account/data/record";

TEST(DataRecordPage, ListsDevicesAndSignsOneOut) {
    const AskingPlace place;
    RunningServer server(place);
    ASSERT_TRUE(server.is_open()) << server.output();
    PageClient laptop(server.port()), phone(server.port()), tom(server.port());
    EXPECT_THAT(laptop.get(address).location, StartsWith("/sign-in"));
    for (auto* client : {&laptop, &tom}) {
        (void)client->get("/register");
        ASSERT_EQ(client
                      ->post("/register", {{"name", "Somebody"},
                                           {"email", client == &tom ? "tom@example.org" : "mia@example.org"},
                                           {"password", password},
                                           {"age", "over"}})
                      .status,
                  303);
    }
    (void)phone.get("/sign-in");
    ASSERT_EQ(phone.post("/sign-in", {{"email", "mia@example.org"}, {"password", password}}).status, 303);

    const auto page = laptop.get(address);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("Name, e-mail address")) << "what is kept";
    EXPECT_THAT(page.body, HasSubstr("href=\"/privacy/receipts\"")) << "where it is changed";
    EXPECT_THAT(page.body, HasSubstr("this device"));
    EXPECT_THAT(page.body, HasSubstr("does not send"));
    const std::string mark = "name=\"session\" value=\"";
    const auto at = page.body.find(mark);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(page.body.find(mark, at + 1), std::string::npos) << "this one is not offered";
    const auto session = page.body.substr(at + mark.size(), 36);

    // Another learner ends nobody's session.
    (void)tom.get(address);
    EXPECT_EQ(tom.post("/account/data/record/sign-out", {{"session", session}}).status, 303);
    EXPECT_EQ(phone.get(address).status, 200);
    (void)laptop.get(address);
    EXPECT_EQ(laptop.post("/account/data/record/sign-out", {{"session", session}}).status, 303);
    EXPECT_THAT(phone.get(address).location, StartsWith("/sign-in"));
    EXPECT_THAT(laptop.get(address).body, Not(HasSubstr(mark)));

    EXPECT_EQ(laptop.get(std::string(address) + "?page=-1").status, 404);
    EXPECT_EQ(laptop.get(std::string(address) + "?page=x").status, 404);
    EXPECT_EQ(laptop.get(std::string(address) + "?page=3&recipient=no/body").status, 200);
}

}  // namespace
}  // namespace calyptenora::http::test
