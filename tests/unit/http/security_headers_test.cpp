#include "http/security_headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace calyptenora::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ContentSecurityPolicy, ClosedIsTheWholeText) {
    EXPECT_EQ(ContentSecurityPolicy::make_closed().text(),
              "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'");
}

TEST(ContentSecurityPolicy, PageIsTheWholeText) {
    EXPECT_EQ(
        ContentSecurityPolicy::make_page().text(),
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self'; font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; "
        "worker-src 'none'; form-action 'self'; frame-src 'none'; require-trusted-types-for 'script'; "
        "trusted-types calyptenora");
}

TEST(ContentSecurityPolicy, FramesAreExactlyTheAdmittedOnes) {
    auto policy = ContentSecurityPolicy::make_page();
    auto player = Origin::parse("https://player.example").value();
    policy.allow_frame(player);
    policy.allow_frame(player);
    policy.allow_frame(Origin::parse("http://127.0.0.1:9000").value());
    policy.allow_blob_media();
    policy.allow_data_images();
    EXPECT_THAT(policy.text(), HasSubstr("frame-src https://player.example http://127.0.0.1:9000;"));
    EXPECT_THAT(policy.text(), HasSubstr("media-src 'self' blob:;"));
    EXPECT_THAT(policy.text(), HasSubstr("img-src 'self' data:;"));
    Headers headers;
    add_security_headers(headers, policy, Scheme::http, std::nullopt);
    EXPECT_THAT(std::string(*headers.find("Permissions-Policy")),
                HasSubstr("fullscreen=(self \"https://player.example\" \"http://127.0.0.1:9000\")"));
}

TEST(Origin, IsNothingButAnOrigin) {
    for (const auto* text : {"https://a.example", "https://a.example:8443", "http://localhost:1",
                             "http://[::1]:80", "http://127.0.0.1"}) {
        EXPECT_TRUE(Origin::parse(text)) << text;
    }
    for (const auto* text : {"",
                             "a.example",
                             "https://",
                             "https://*.example",
                             "https://*",
                             "https://a.example/",
                             "https://a.example/x",
                             "https://a.example; script-src *",
                             "https://a.example 'unsafe-inline'",
                             "https://u@a.example",
                             "http://a.example",
                             "ftp://a.example",
                             "javascript:x",
                             "data:",
                             "https://a.example:",
                             "https://a.example:0",
                             "https://a.example:65536",
                             "https://a.example:8x",
                             "https://A.example",
                             "https://a.example,b"}) {
        EXPECT_FALSE(Origin::parse(text)) << text;
    }
}

TEST(Origin, NamesItsPort) {
    for (const auto& [text, name] :
         std::map<std::string, std::string>{{"https://a.example", "a.example:443"},
                                            {"https://a.example:8443", "a.example:8443"},
                                            {"http://localhost", "localhost:80"},
                                            {"http://[::1]", "[::1]:80"},
                                            {"http://[::1]:81", "[::1]:81"}}) {
        EXPECT_EQ(Origin::parse(text)->host_and_port(), name);
    }
}

TEST(SecurityHeaders, HandlerCannotReplaceThePolicy) {
    Headers headers;
    headers.set("Content-Security-Policy", "default-src *");
    headers.set("Cache-Control", "public, max-age=60");
    add_security_headers(headers, ContentSecurityPolicy::make_closed(), Scheme::https,
                         std::chrono::seconds(60));
    EXPECT_THAT(std::string(*headers.find("Content-Security-Policy")), Not(HasSubstr("*")));
    EXPECT_EQ(headers.find("Cache-Control"), "public, max-age=60");
    EXPECT_EQ(headers.find("Strict-Transport-Security"), "max-age=60");
    EXPECT_EQ(headers.find("X-Frame-Options"), "DENY");
}

}  // namespace
}  // namespace calyptenora::http
