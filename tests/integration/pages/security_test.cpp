#include "integration/pages/mailed_accounts.hpp"

#include <gmock/gmock.h>

// What keeps an account its owner's, with the program itself and a real mail server: the links are taken from
// the mails that arrive.
namespace calyptenora::http::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* other_password = "nine green herons wade";

class Security : public MailedAccounts {};

TEST_F(Security, AnAddressIsConfirmedByTheLinkThatWasSentToIt) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    EXPECT_THAT(laptop_.get("/account").body, HasSubstr("is not confirmed yet"));
    const auto link = link_in(next_mail(), "/confirm");
    // A program that follows links confirms nothing.
    EXPECT_EQ(phone_.get(link).status, 200);
    EXPECT_THAT(laptop_.get("/account").body, HasSubstr("is not confirmed yet"));
    EXPECT_EQ(phone_.post("/confirm", {{"token", "x" + token_in(link)}}).status, 410);

    EXPECT_THAT(press(phone_, link).body, HasSubstr("The address is confirmed"));
    EXPECT_THAT(laptop_.get("/account").body, Not(HasSubstr("is not confirmed yet")));
    EXPECT_EQ(phone_.get(link).status, 410) << "it works once";
    EXPECT_EQ(phone_.post("/confirm", {{"token", token_in(link)}}).status, 410);
}

TEST_F(Security, ANewLinkTakesTheOldOnesPlace) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    const auto first = link_in(next_mail(), "/confirm");
    (void)laptop_.get("/account/security");
    EXPECT_EQ(laptop_.post("/account/security/email/again", {}).status, 303);
    const auto second = link_in(next_mail(), "/confirm");
    EXPECT_NE(first, second);
    EXPECT_EQ(phone_.get(first).status, 410);
    EXPECT_EQ(press(phone_, second).status, 200);
}

TEST_F(Security, AForgottenPasswordIsReplacedByALink) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    confirm(laptop_);
    (void)phone_.get("/forgotten-password");
    const auto known = phone_.post("/forgotten-password", {{"email", "Mia@Example.org"}});
    EXPECT_EQ(known.status, 200);
    const auto link = link_in(next_mail(), "/reset-password");
    (void)phone_.get("/forgotten-password");
    EXPECT_EQ(phone_.post("/forgotten-password", {{"email", "nobody@example.org"}}).status, known.status);

    EXPECT_EQ(phone_.get(link).status, 200);
    const auto token = token_in(link);
    const auto weak = phone_.post("/reset-password", {{"token", token}, {"password", "short"}});
    EXPECT_EQ(weak.status, 422);
    EXPECT_THAT(weak.body, HasSubstr("at least 15 characters; there are 5"));
    EXPECT_TRUE(is_in(laptop_)) << "nothing has happened yet";
    EXPECT_EQ(phone_.post("/reset-password", {{"token", token}, {"password", other_password}}).status, 303);
    EXPECT_THAT(link_in(next_mail(), "/not-me"), StartsWith("/not-me")) << "the owner is told";
    EXPECT_FALSE(is_in(laptop_)) << "all sessions end";
    EXPECT_EQ(phone_.get(link).status, 410);
    EXPECT_EQ(phone_.post("/reset-password", {{"token", token}, {"password", password}}).status, 410);
    EXPECT_EQ(sign_in(phone_, password).status, 422);
    EXPECT_EQ(sign_in(phone_, other_password).status, 303);
    EXPECT_THAT(sink_.received(), IsEmpty()) << "nothing went to whoever has no account";
}

TEST_F(Security, APasswordIsChangedByWhoeverKnowsIt) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    ASSERT_EQ(sign_in(phone_, password).status, 303);
    (void)laptop_.get("/account/security");
    const auto wrong = laptop_.post("/account/security/password",
                                    {{"password", "not the password"}, {"new_password", other_password}});
    EXPECT_EQ(wrong.status, 422);
    EXPECT_THAT(wrong.body, HasSubstr("The password is wrong."));
    EXPECT_TRUE(is_in(phone_));
    EXPECT_EQ(laptop_.post("/account/security/password", {{"password", password}, {"new_password", password}})
                  .status,
              422)
        << "the same again is no change";
    EXPECT_EQ(
        laptop_.post("/account/security/password", {{"password", password}, {"new_password", other_password}})
            .status,
        303);
    EXPECT_TRUE(is_in(laptop_)) << "under a new token";
    EXPECT_FALSE(is_in(phone_));
    EXPECT_EQ(sign_in(phone_, other_password).status, 303);
}

TEST_F(Security, ANewAddressHoldsOnceItIsConfirmedAndTheOldOneCanTakeItBack) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    confirm(laptop_);
    ASSERT_EQ(open_account(phone_, "tom@example.org").status, 303);
    (void)next_mail("tom@example.org");
    (void)laptop_.get("/account/security");
    const auto change = [&](const std::string& email, const std::string& with) {
        return laptop_.post("/account/security/email", {{"email", email}, {"password", with}});
    };
    EXPECT_EQ(change("new@example.org", "not the password").status, 422);
    EXPECT_THAT(change("tom@example.org", password).body, HasSubstr("There is an account with this address"));
    EXPECT_EQ(change("new@example.org", password).status, 303);
    EXPECT_THAT(laptop_.get("/account").body, HasSubstr(mia)) << "not yet";
    EXPECT_EQ(press(phone_, link_in(next_mail("new@example.org"), "/confirm")).status, 200);
    EXPECT_THAT(laptop_.get("/account").body, HasSubstr("new@example.org"));

    // The owner of the old address was told, and says that it was somebody else.
    const auto not_me = link_in(next_mail(mia), "/not-me");
    PageClient owner(server_.port());
    const auto reset = press(owner, not_me);
    EXPECT_EQ(reset.status, 303);
    ASSERT_THAT(reset.location, StartsWith("/reset-password?token="));
    EXPECT_FALSE(is_in(laptop_));
    EXPECT_EQ(sign_in(laptop_, password).status, 422);
    EXPECT_EQ(sign_in(laptop_, password, "new@example.org").status, 422);
    EXPECT_EQ(owner.get(reset.location).status, 200);
    EXPECT_EQ(
        owner.post("/reset-password", {{"token", token_in(reset.location)}, {"password", other_password}})
            .status,
        303);
    EXPECT_EQ(sign_in(owner, other_password).status, 303) << "with the address that was";
    EXPECT_EQ(PageClient(server_.port()).get(not_me).status, 410);
}

TEST_F(Security, ASignInFromAnotherBrowserIsToldAndANewerVersionIsNot) {
    laptop_.use_agent("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    ASSERT_EQ(open_account(laptop_).status, 303);
    confirm(laptop_);
    laptop_.use_agent("Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0");
    ASSERT_EQ(sign_in(laptop_, password).status, 303);
    phone_.use_agent("Mozilla/5.0 (Android 15; Mobile; rv:141.0) Gecko/141.0 Firefox/141.0");
    ASSERT_EQ(sign_in(phone_, password).status, 303);
    const auto mail = next_mail();
    EXPECT_THAT(mail, HasSubstr("from a browser that had not been used"));
    EXPECT_THAT(mail, Not(HasSubstr("Firefox"))) << "the carrier learns nothing of the browser";
    EXPECT_THAT(sink_.received(), IsEmpty()) << "one mail for three sign-ins";

    const auto page = laptop_.get("/account/security").body;
    EXPECT_THAT(page, HasSubstr("Firefox 141, Android"));
    EXPECT_THAT(page, HasSubstr("Account opened"));
    EXPECT_EQ(press(laptop_, link_in(mail, "/not-me")).status, 303);
    EXPECT_FALSE(is_in(phone_));
    EXPECT_FALSE(is_in(laptop_));
}

TEST_F(Security, WhoeverIsSignedInCanLockTheAccount) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    EXPECT_THAT(laptop_.get("/account/security").body, Not(HasSubstr("/account/security/lock")))
        << "without a confirmed address the link could go to anybody";
    EXPECT_EQ(laptop_.post("/account/security/lock", {}).status, 303);
    EXPECT_TRUE(is_in(laptop_));
    confirm(laptop_);
    (void)laptop_.get("/account/security");
    EXPECT_EQ(laptop_.post("/account/security/lock", {}).status, 200);
    EXPECT_FALSE(is_in(laptop_));
    EXPECT_EQ(sign_in(laptop_, password).status, 422);
    const auto link = link_in(next_mail(), "/reset-password");
    (void)laptop_.get(link);
    EXPECT_EQ(
        laptop_.post("/reset-password", {{"token", token_in(link)}, {"password", other_password}}).status,
        303);
    EXPECT_EQ(sign_in(laptop_, other_password).status, 303);
}

TEST_F(Security, SessionsEndOneByOneAndAllAtOnceButOnlyOnesOwn) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    PageClient tom(server_.port()), tablet(server_.port());
    ASSERT_EQ(open_account(tom, "tom@example.org").status, 303);
    ASSERT_EQ(sign_in(phone_, password).status, 303);
    const auto page = laptop_.get("/account/security").body;
    const std::string mark = "name=\"session\" value=\"";
    const auto at = page.find(mark);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(page.find(mark, at + 1), std::string::npos) << "this one is not offered";
    const auto session = page.substr(at + mark.size(), 36);

    (void)tom.get("/account/security");
    EXPECT_EQ(tom.post("/account/security/sessions/end", {{"session", session}}).status, 303);
    EXPECT_TRUE(is_in(phone_)) << "another learner ends nobody's session";
    (void)laptop_.get("/account/security");
    EXPECT_EQ(laptop_.post("/account/security/sessions/end", {{"session", session}}).status, 303);
    EXPECT_FALSE(is_in(phone_));

    ASSERT_EQ(sign_in(phone_, password).status, 303);
    ASSERT_EQ(sign_in(tablet, password).status, 303);
    (void)laptop_.get("/account/security");
    EXPECT_EQ(laptop_.post("/account/security/sessions/end-others", {}).status, 303);
    EXPECT_FALSE(is_in(phone_));
    EXPECT_FALSE(is_in(tablet));
    EXPECT_TRUE(is_in(laptop_));
    EXPECT_TRUE(is_in(tom));
}

TEST_F(Security, AProfileIsKeptAndHoldsOnOtherDevices) {
    ASSERT_EQ(open_account(laptop_).status, 303);
    (void)laptop_.get("/account/profile");
    EXPECT_EQ(laptop_
                  .post("/account/profile", {{"language", "en"},
                                             {"time_zone", "America/Lima"},
                                             {"theme", "dark"},
                                             {"text_size", "larger"},
                                             {"education", "Two years of physics"}})
                  .status,
              303);
    ASSERT_EQ(sign_in(phone_, password).status, 303);
    EXPECT_THAT(phone_.get("/").body, HasSubstr("data-theme=\"dark\" data-text-size=\"larger\""));
    EXPECT_THAT(phone_.get("/account/profile").body, HasSubstr("Two years of physics"));
    (void)laptop_.get("/account/profile");
    EXPECT_EQ(laptop_.post("/account/profile", {{"language", "en"}, {"time_zone", "Moon/Sea"}}).status, 422);
    const auto too_long = laptop_.post("/account/profile", {{"education", std::string(1001, 'x')}});
    EXPECT_EQ(too_long.status, 422);
    EXPECT_THAT(too_long.body, HasSubstr(std::string(1001, 'x'))) << "what was typed is not lost";
    EXPECT_EQ(laptop_.post("/account/profile", {{"language", "en"}}).status, 303) << "all of it may go";
    EXPECT_THAT(phone_.get("/").body, Not(HasSubstr("data-theme")));
}

}  // namespace
}  // namespace calyptenora::http::test
