#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

// Who gets a copy of somebody's data: the person, with the password, and nobody else.
namespace calyptenora::http::test {
namespace {

using calyptenora::test::Page;
using calyptenora::test::PageClient;
using cli::test::Place;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* password = "seventeen brown owls sing";

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const auto at = text.find(before);
    if (at == std::string::npos)
        return {};
    const auto from = at + before.size();
    return text.substr(from, text.find(after, from) - from);
}

class CopyPages : public testing::Test {
  protected:
    CopyPages() { EXPECT_TRUE(server_.is_open()) << server_.output(); }

    void join(PageClient& client, const std::string& email) {
        (void)client.get("/register");
        const auto joined = client.post(
            "/register", {{"name", "Somebody"}, {"email", email}, {"password", password}, {"age", "over"}});
        ASSERT_EQ(joined.status, 303) << joined.body;
    }
    /// The page of a request for a copy, when the copy is there.
    Page wait_for_copy(PageClient& client, const std::string& status_page) {
        for (int i = 0; i < 300; ++i) {
            auto page = client.get(status_page);
            if (page.body.find("/account/data/copy") != std::string::npos)
                return page;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        ADD_FAILURE() << "there is no copy\n" << server_.output();
        return {};
    }

    Place place_;
    RunningServer server_{place_};
    PageClient mia_{server_.port()}, tom_{server_.port()}, guest_{server_.port()};
};

TEST_F(CopyPages, GiveItToNobodyElse) {
    join(mia_, "mia@example.org");
    join(tom_, "tom@example.org");
    (void)mia_.get("/account/data");
    const auto wrong = mia_.post("/account/data/access", {{"password", "wrong wrong wrong"}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_THAT(wrong.body, HasSubstr("access_password-error"));
    const auto asked = mia_.post("/account/data/access", {{"password", password}});
    ASSERT_EQ(asked.status, 303) << asked.body;
    ASSERT_THAT(asked.location, StartsWith("/requests/"));
    const auto page = wait_for_copy(mia_, asked.location);
    const auto request = between(page.body, "name=\"request\" value=\"", "\"");
    const PageClient::Fields with_password{{"request", request}, {"password", password}};

    const auto copy = mia_.post("/account/data/copy", with_password);
    EXPECT_EQ(copy.status, 200);
    EXPECT_THAT(copy.body, StartsWith("PK"));
    EXPECT_THAT(copy.body, HasSubstr("index.html"));

    (void)tom_.get("/account/data");
    EXPECT_EQ(tom_.post("/account/data/copy", with_password).status, 404);
    EXPECT_EQ(tom_.post("/account/data/renew-copy", {{"request", request}}).status, 404);
    (void)guest_.get(asked.location);
    const auto signed_out = guest_.post("/account/data/copy", with_password);
    EXPECT_EQ(signed_out.status, 303);
    EXPECT_THAT(signed_out.location, StartsWith("/sign-in"));
    (void)mia_.get("/account/data");
    for (const auto& fields : {PageClient::Fields{{"request", request}, {"password", "wrong wrong wrong"}},
                               PageClient::Fields{{"request", request}, {"password", ""}}}) {
        const auto refused = mia_.post("/account/data/copy", fields);
        EXPECT_EQ(refused.status, 422);
        EXPECT_THAT(refused.body, Not(StartsWith("PK")));
    }
    EXPECT_EQ(mia_.post("/account/data/copy", {{"request", "no id"}, {"password", password}}).status, 404);
}

}  // namespace
}  // namespace calyptenora::http::test
