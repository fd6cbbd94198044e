#include "http/cookies.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

TEST(Cookies, AreHostCookies) {
    EXPECT_EQ(format_set_cookie(make_host_cookie("session", "abc")),
              "__Host-session=abc; Path=/; Secure; SameSite=Lax; HttpOnly");
    auto strict = make_host_cookie("s", "v", std::chrono::hours(1));
    strict.same_site = SameSite::strict;
    strict.script_access = ScriptAccess::readable;
    EXPECT_EQ(format_set_cookie(strict), "__Host-s=v; Path=/; Secure; SameSite=Strict; Max-Age=3600");
    EXPECT_EQ(format_set_cookie(make_expired_host_cookie("s")),
              "__Host-s=; Path=/; Secure; SameSite=Lax; HttpOnly; Max-Age=0");
}

TEST(Cookies, RefuseWhatWouldSplitTheHeader) {
    for (const auto* value : {"a;b", "a b", "a\r\nX: y", "a,b", "\"a\"", "\xc3\xbc"}) {
        EXPECT_THROW(make_host_cookie("s", value), std::invalid_argument) << value;
    }
    EXPECT_THROW(make_host_cookie("s=", "a"), std::invalid_argument);
}

TEST(Cookies, AreRead) {
    auto cookies =
        make_cookies("a=1; __Host-session=xyz;b=; broken; =c; d=e f; __Host-twice=1; __Host-twice=2");
    EXPECT_EQ(cookies.find("a"), "1");
    EXPECT_EQ(cookies.find("b"), "");
    EXPECT_FALSE(cookies.find("d"));
    EXPECT_EQ(find_host_cookie(cookies, "session"), "xyz");
    EXPECT_FALSE(find_host_cookie(cookies, "twice")) << "somebody planted a second one";
    EXPECT_FALSE(find_host_cookie(make_cookies("session=xyz"), "session"))
        << "without the prefix anybody may set it";
}

}  // namespace
}  // namespace calyptenora::http
