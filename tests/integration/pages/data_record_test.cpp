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
using ::testing::StartsWith;

constexpr const char* password = "seventeen brown owls sing";
constexpr const char* address = "/account/data/record";

TEST(DataRecordPage, SaysWhatIsKeptAndWhereItIsChanged) {
    const AskingPlace place;
    RunningServer server(place);
    ASSERT_TRUE(server.is_open()) << server.output();
    PageClient laptop(server.port());
    EXPECT_THAT(laptop.get(address).location, StartsWith("/sign-in"));
    (void)laptop.get("/register");
    ASSERT_EQ(
        laptop
            .post(
                "/register",
                {{"name", "Somebody"}, {"email", "mia@example.org"}, {"password", password}, {"age", "over"}})
            .status,
        303);

    const auto page = laptop.get(address);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("Name, e-mail address")) << "what is kept";
    EXPECT_THAT(page.body, HasSubstr("href=\"/privacy/receipts\"")) << "where it is changed";
    EXPECT_THAT(page.body, HasSubstr("href=\"/account/security#sessions-title\""));
    EXPECT_THAT(page.body, HasSubstr("does not send"));

    EXPECT_EQ(laptop.get(std::string(address) + "?page=-1").status, 404);
    EXPECT_EQ(laptop.get(std::string(address) + "?page=x").status, 404);
    EXPECT_EQ(laptop.get(std::string(address) + "?page=3&recipient=no/body").status, 200);
}

}  // namespace
}  // namespace calyptenora::http::test
