#include "settings/text_check.hpp"

#include "settings/country.hpp"
#include "settings/reference.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace calyptenora::settings {
namespace {

TEST(TextCheck, FindsTheFirstByteThatIsNotUtf8) {
    for (const auto* good :
         {"", "Löwe", "€", "\xf0\x9f\xa6\x81", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"})
        EXPECT_FALSE(find_invalid_utf8(good)) << good;
    EXPECT_EQ(find_invalid_utf8("ab\xfc"), 2u);
    EXPECT_EQ(find_invalid_utf8("\xc0\xaf"), 0u);          // overlong
    EXPECT_EQ(find_invalid_utf8("a\xe0\x80\x80"), 1u);     // overlong
    EXPECT_EQ(find_invalid_utf8("\xed\xa0\x80"), 0u);      // surrogate
    EXPECT_EQ(find_invalid_utf8("\xf4\x90\x80\x80"), 0u);  // beyond U+10FFFF
    EXPECT_EQ(find_invalid_utf8("ok\xe2\x82"), 2u);        // cut off
    EXPECT_EQ(find_invalid_utf8("\x80"), 0u);
}

TEST(TextCheck, FindsTheNearestWordOrNone) {
    const std::vector<std::string> words{"country", "contract", "contact", "legal_name"};
    EXPECT_EQ(find_nearest("cuntry", words), "country");
    EXPECT_EQ(find_nearest("conutry", words), "country");
    EXPECT_EQ(find_nearest("Legal-Name", words), "legal_name");
    EXPECT_EQ(find_nearest("contrat", words), "contract");
    EXPECT_EQ(find_nearest("zebra", words), std::nullopt);
    EXPECT_EQ(find_nearest("", words), std::nullopt);
    EXPECT_EQ(find_nearest("x", {}), std::nullopt);
}

TEST(TextCheck, KnowsHosts) {
    for (const auto* good :
         {"a", "lms.example", "xn--bcher-kva.example", "127.0.0.1", "[::1]", "LMS.Example", "a-b.c"})
        EXPECT_TRUE(is_host(good)) << good;
    for (const auto* bad : {"", ".", "a.", ".a", "-a", "a-", "a_b", "127.0.0.256", "1.2.3", "[::1", "::1",
                            "[127.0.0.1]", "a b", "a/b", "ä"})
        EXPECT_FALSE(is_host(bad)) << bad;
    EXPECT_TRUE(is_loopback_host("127.9.9.9"));
    EXPECT_TRUE(is_loopback_host("[::1]"));
    EXPECT_TRUE(is_loopback_host("LOCALHOST"));
    EXPECT_FALSE(is_loopback_host("0.0.0.0"));
    EXPECT_FALSE(is_loopback_host("localhost.evil.example"));
    EXPECT_EQ(find_host_port("LMS.example:8443", 443), (HostPort{"lms.example", 8443}));
    EXPECT_EQ(find_host_port("[::1]", 443), (HostPort{"[::1]", 443}));
    for (const auto* bad : {"a:", "a:0", "a:65536", "a:+1", "a:1x", ":1"})
        EXPECT_FALSE(find_host_port(bad, 443)) << bad;
}

TEST(TextCheck, TakesUrlsApart) {
    const auto url = find_url_parts("HTTPS://LMS.Example:443/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->origin(), "https://lms.example");
    EXPECT_TRUE(url->is_origin);
    EXPECT_EQ(find_url_parts("http://localhost:8080")->origin(), "http://localhost:8080");
    EXPECT_FALSE(find_url_parts("https://a.example/x")->is_origin);
    EXPECT_FALSE(find_url_parts("https://a.example?x")->is_origin);
    EXPECT_TRUE(find_url_parts("https://u:p@a.example")->has_userinfo);
    for (const auto* bad :
         {"", "a.example", "https://", "https:///x", "https://a b", "https://a:99999", "https://a_b.example"})
        EXPECT_FALSE(find_url_parts(bad)) << bad;
}

TEST(TextCheck, KnowsDatesDurationsAndAddresses) {
    using namespace std::chrono_literals;
    EXPECT_TRUE(find_date("2024-02-29"));
    for (const auto* bad : {"2023-02-29", "2024-2-29", "24-02-29", "2024-13-01", "2024-02-2x", ""})
        EXPECT_FALSE(find_date(bad)) << bad;
    EXPECT_EQ(find_duration("500ms"), 500ms);
    EXPECT_EQ(find_duration("2h"), 2h);
    EXPECT_EQ(find_duration("7d"), 168h);
    for (const auto* bad : {"", "5", "s", "5 s", "-5s", "5m", "5.5s", "9999999999s"})
        EXPECT_FALSE(find_duration(bad)) << bad;
    EXPECT_TRUE(is_email("max.muster+x@lms.example"));
    for (const auto* bad :
         {"", "@lms.example", "max@", "a b@lms.example", "a@b@lms.example", "max@lms_x", "\"x\"@lms.example"})
        EXPECT_FALSE(is_email(bad)) << bad;
}

TEST(TextCheck, SplitsReferences) {
    const auto pieces = find_pieces("a${env:X_1}b${file:/run/s}$${x}$");
    ASSERT_TRUE(pieces);
    ASSERT_EQ(pieces->size(), 5u);
    EXPECT_EQ(std::get<std::string>((*pieces)[0]), "a");
    EXPECT_EQ(std::get<Reference>((*pieces)[1]), (Reference{Reference::Kind::env, "X_1"}));
    EXPECT_EQ(std::get<Reference>((*pieces)[3]), (Reference{Reference::Kind::file, "/run/s"}));
    EXPECT_EQ(std::get<std::string>((*pieces)[4]), "${x}$");
    for (const auto* bad : {"${", "${}", "${env:}", "${env:A B}", "${x:y}", "${env:A", "${ENV:A}"})
        EXPECT_FALSE(find_pieces(bad)) << bad;
}

TEST(Country, KnowsWhoNeedsASafeguard) {
    EXPECT_TRUE(is_country("DE"));
    EXPECT_FALSE(is_country("de"));
    EXPECT_FALSE(is_country("EU"));
    EXPECT_FALSE(is_country("UK"));
    EXPECT_FALSE(is_country("D"));
    EXPECT_FALSE(is_country("E "));
    EXPECT_TRUE(is_in_eea("NO"));
    EXPECT_FALSE(is_in_eea("CH"));
    EXPECT_FALSE(is_in_eea("GB"));
    EXPECT_TRUE(has_adequacy_decision("GB"));
    EXPECT_FALSE(has_adequacy_decision("IN"));
    EXPECT_FALSE(has_adequacy_decision("DE"));
}

}  // namespace
}  // namespace calyptenora::settings
