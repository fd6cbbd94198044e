#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

// The versions of the privacy notice, and the announcement of one to whom it concerns.
namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* password = "seventeen brown owls sing";
constexpr const char* banner = "<aside class=\"announcement\"";

void sign_up(PageClient& client, const std::string& email) {
    (void)client.get("/register");
    ASSERT_EQ(client
                  .post("/register",
                        {{"name", "Somebody"}, {"email", email}, {"password", password}, {"age", "over"}})
                  .status,
              303);
}

/// Somebody else takes the payments from now on.
void let_others_take_payments(const cli::test::Place& place) {
    std::ifstream stream(place.config());
    std::string yaml(std::istreambuf_iterator<char>(stream), {});
    const std::string from = "payments/sepa:\n    recipient: {self: true}\n";
    yaml.replace(
        yaml.find(from), from.size(),
        "payments/sepa:\n    recipient: {legal_name: Zahlstelle AG, address: Weg 9, country: DE, role: "
        "processor, privacy_policy: 'https://pay.example/privacy', contract: {reference: AVV-7, date: "
        "2026-05-25}}\n");
    place.write("calyptenora.yaml", yaml);
}

TEST(NoticeVersions, AreAnnouncedToWhoWasThereAndReadByEverybody) {
    const cli::test::Place place;
    std::optional<RunningServer> server(std::in_place, place);
    ASSERT_TRUE(server->is_open()) << server->output();
    PageClient mia(server->port());
    sign_up(mia, "mia@example.org");
    EXPECT_THAT(mia.get("/").body, Not(HasSubstr(banner))) << "a first version is no news";
    EXPECT_THAT(mia.get("/privacy-notice").body, HasSubstr("version 1"));
    EXPECT_EQ(mia.get("/privacy-notice/versions/2").status, 404);

    server.reset();
    let_others_take_payments(place);
    server.emplace(place);
    ASSERT_TRUE(server->is_open()) << server->output();
    PageClient back(server->port()), guest(server->port()), new_one(server->port());
    (void)back.get("/sign-in");
    ASSERT_EQ(back.post("/sign-in", {{"email", "mia@example.org"}, {"password", password}}).status, 303);
    sign_up(new_one, "tom@example.org");

    const auto page = back.get("/support").body;
    EXPECT_THAT(page, HasSubstr(banner));
    EXPECT_THAT(page, HasSubstr("href=\"/privacy-notice/versions/2\""));
    EXPECT_THAT(guest.get("/").body, Not(HasSubstr(banner)));
    EXPECT_THAT(new_one.get("/").body, Not(HasSubstr(banner))) << "they read it when they came";

    const auto notice = guest.get("/privacy-notice").body;
    EXPECT_THAT(notice, HasSubstr("version 1 ")) << "still in force";
    EXPECT_THAT(notice, HasSubstr("Version 2 is announced"));
    EXPECT_THAT(notice, HasSubstr("Announced: not before"));
    const auto list = guest.get("/privacy-notice/versions").body;
    EXPECT_THAT(list, HasSubstr("href=\"/privacy-notice/versions/1\""));
    EXPECT_THAT(list, HasSubstr("reaches further"));
    const auto difference = guest.get("/privacy-notice/versions/2").body;
    EXPECT_THAT(difference, HasSubstr("New: Zahlstelle AG (Germany) receives"));
    EXPECT_THAT(guest.get("/privacy-notice/versions/1").body, HasSubstr("first version"));
    for (const auto* wrong : {"/privacy-notice/versions/3", "/privacy-notice/versions/0",
                              "/privacy-notice/versions/-1", "/privacy-notice/versions/2x"})
        EXPECT_EQ(guest.get(wrong).status, 404) << wrong;

    // Put away, it is gone from the pages and stays in the account.
    (void)guest.get("/privacy-notice");
    EXPECT_EQ(guest.post("/privacy-notice/announcement", {{"number", "2"}}).status, 404);
    (void)back.get("/support");
    EXPECT_EQ(back.post("/privacy-notice/announcement", {{"number", "3"}}).status, 404)
        << "not what is still to come";
    (void)back.get("/support");
    const auto away = back.post("/privacy-notice/announcement", {{"number", "2"}, {"return_to", "/support"}});
    EXPECT_EQ(away.status, 303);
    EXPECT_EQ(away.location, "/support");
    EXPECT_THAT(back.get("/support").body, Not(HasSubstr(banner)));
    const auto account = back.get("/account").body;
    EXPECT_THAT(account, Not(HasSubstr(banner)));
    EXPECT_THAT(account, HasSubstr("href=\"/privacy-notice/versions/2\""));
    EXPECT_THAT(new_one.get("/account").body, Not(HasSubstr("/privacy-notice/versions/2")));
}

}  // namespace
}  // namespace calyptenora::http::test
