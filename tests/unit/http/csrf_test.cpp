#include "http/csrf.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

constexpr std::string_view key = "0123456789abcdef0123456789abcdef";
constexpr std::string_view own = "https://learn.example";

TEST(Csrf, Table) {
    const auto good = make_csrf_token(key, "session");
    const auto foreign = make_csrf_token(key, "other session");
    struct Row {
        Method method;
        const char* site;    // null: header absent
        const char* origin;  // null: header absent
        const char* token;
        CsrfVerdict expected;
    };
    const char* right = good.c_str();
    const char* other = foreign.c_str();
    const Row rows[] = {
        {Method::GET, "cross-site", nullptr, nullptr, CsrfVerdict::admitted},
        {Method::HEAD, "cross-site", "https://evil.example", nullptr, CsrfVerdict::admitted},
        {Method::POST, "same-origin", "https://learn.example", right, CsrfVerdict::admitted},
        {Method::POST, "same-origin", nullptr, right, CsrfVerdict::admitted},
        {Method::POST, nullptr, "https://learn.example", right, CsrfVerdict::admitted},
        {Method::POST, nullptr, nullptr, right, CsrfVerdict::admitted},
        {Method::POST, "cross-site", "https://learn.example", right, CsrfVerdict::cross_site},
        {Method::POST, "same-site", "https://learn.example", right, CsrfVerdict::cross_site},
        {Method::POST, "none", "https://learn.example", right, CsrfVerdict::cross_site},
        {Method::POST, "", "https://learn.example", right, CsrfVerdict::cross_site},
        {Method::POST, "Same-Origin", "https://learn.example", right, CsrfVerdict::cross_site},
        {Method::DELETE, "cross-site", nullptr, right, CsrfVerdict::cross_site},
        {Method::POST, "same-origin", "null", right, CsrfVerdict::foreign_origin},
        {Method::POST, nullptr, "null", right, CsrfVerdict::foreign_origin},
        {Method::POST, nullptr, "http://learn.example", right, CsrfVerdict::foreign_origin},
        {Method::POST, nullptr, "https://learn.example:444", right, CsrfVerdict::foreign_origin},
        {Method::POST, nullptr, "https://learn.example.evil", right, CsrfVerdict::foreign_origin},
        {Method::POST, nullptr, "", right, CsrfVerdict::foreign_origin},
        {Method::POST, "same-origin", "https://learn.example", nullptr, CsrfVerdict::wrong_token},
        {Method::POST, "same-origin", "https://learn.example", "", CsrfVerdict::wrong_token},
        {Method::POST, "same-origin", "https://learn.example", other, CsrfVerdict::wrong_token},
        {Method::PUT, nullptr, nullptr, nullptr, CsrfVerdict::wrong_token},
    };
    int number = 0;
    for (const auto& row : rows) {
        CsrfFacts facts;
        facts.method = row.method;
        facts.own_origin = own;
        if (row.site != nullptr) {
            facts.sec_fetch_site = row.site;
        }
        if (row.origin != nullptr) {
            facts.origin = row.origin;
        }
        if (row.token != nullptr) {
            facts.token = row.token;
        }
        EXPECT_EQ(check_csrf(facts, key, "session"), row.expected) << "row " << number;
        ++number;
    }
}

TEST(Csrf, TokenNeedsKeyAndSession) {
    EXPECT_EQ(make_csrf_token(key, "s").size(), 43U);
    EXPECT_NE(make_csrf_token(key, "s"), make_csrf_token("f123456789abcdef0123456789abcdef", "s"));
    EXPECT_THROW(make_csrf_token("short", "s"), std::invalid_argument);
    EXPECT_THROW(make_csrf_token(key, ""), std::invalid_argument);
}

/// RFC 4648, 10, without padding.
TEST(Csrf, Base64url) {
    EXPECT_EQ(base64url(""), "");
    EXPECT_EQ(base64url("f"), "Zg");
    EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url("\xfb\xff"), "-_8");
}

}  // namespace
}  // namespace calyptenora::http
