#include "gate/transform.hpp"

#include <gtest/gtest.h>

namespace calyptenora::gate {

TEST(Transform, AddressesLoseTheirHost) {
    EXPECT_EQ(truncate_ip("203.0.113.77"), "203.0.113.0");
    EXPECT_EQ(truncate_ip("2001:db8:aaaa:bbbb:cccc::1"), "2001:db8:aaaa::");
    EXPECT_EQ(truncate_ip("::ffff:203.0.113.77"), "203.0.113.0");
    EXPECT_EQ(truncate_ip("203.0.113.77, 10.0.0.1"), "");
    EXPECT_EQ(truncate_ip(""), "");
}

TEST(Transform, BrowsersKeepFamilyAndMajorVersionOnly) {
    EXPECT_EQ(coarse_user_agent("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"),
              "Firefox 131");
    EXPECT_EQ(coarse_user_agent(
                  "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.6668.71 "
                  "Safari/537.36 Edg/129.0.2792.52"),
              "Edge 129");
    EXPECT_EQ(
        coarse_user_agent(
            "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1"),
        "Safari 17");
    EXPECT_EQ(coarse_user_agent("Chrome/129999999 learner@example.org"), "Chrome 1299");
    EXPECT_EQ(coarse_user_agent("curl/8"), "other");
}

}  // namespace calyptenora::gate
