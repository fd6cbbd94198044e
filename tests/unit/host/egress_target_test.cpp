#include "host/egress_target.hpp"

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

std::string redirected(std::string_view location) {
    const auto next = resolve_redirect(*parse_target("https://lrs.example:8443/a/b?c=d"), location);
    return next ? (next->tls ? "https " : "http ") + next->host_text() + " " + next->path
                : next.error().message;
}

TEST(EgressTarget, ReadsUrls) {
    const auto target = parse_target("https://LRS.example/x?y=%20#z");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->host_text(), "lrs.example:443");
    EXPECT_EQ(target->path, "/x?y=%20");
    EXPECT_EQ(parse_target("http://[::1]:8080")->host_text(), "[::1]:8080");
    for (const auto* url :
         {"", "/x", "ftp://a.example/", "https://", "https://a b/", "https://user@a.example/",
          "https://a.example:0/", "https://a.example:99999/", "javascript:alert(1)"})
        EXPECT_FALSE(parse_target(url)) << url;
}

TEST(EgressTarget, ResolvesRedirects) {
    EXPECT_EQ(redirected("/x"), "https lrs.example:8443 /x");
    EXPECT_EQ(redirected("x?y"), "https lrs.example:8443 /a/x?y");
    EXPECT_EQ(redirected("?y"), "https lrs.example:8443 /a/b?y");
    EXPECT_EQ(redirected("../x"), "https lrs.example:8443 /a/../x");
    EXPECT_EQ(redirected("//other.example/x"), "https other.example:443 /x");
    EXPECT_EQ(redirected("http://other.example/x#y"), "http other.example:80 /x");
    EXPECT_EQ(redirected("file:///etc/passwd"),
              "was redirected to somewhere unusable: the URL is neither https nor http");
}

TEST(EgressTarget, NamesOnlyExactHosts) {
    const std::vector<settings::HostPort> hosts{{"lrs.example", 0}, {"other.example", 8443}};
    EXPECT_TRUE(names_host(hosts, {"lrs.example", 443}, 443));
    EXPECT_FALSE(names_host(hosts, {"lrs.example", 8443}, 443));
    EXPECT_TRUE(names_host(hosts, {"other.example", 8443}, 443));
    EXPECT_FALSE(names_host(hosts, {"x.lrs.example", 443}, 443));
    EXPECT_FALSE(names_host(hosts, {"lrs.example.evil", 443}, 443));
}

}  // namespace
}  // namespace calyptenora::host
