#include "http/rate_limit.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateLimit : public testing::Test {
  protected:
    RateLimiter limiter_{{.tokens_per_second = 0.5, .burst = 3, .max_keys = 2}};
    RateLimiter::Clock::time_point now_{};
};

TEST_F(RateLimit, RefusesAfterTheBurstAndSaysHowLong) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(limiter_.take("a", now_));
    }
    EXPECT_EQ(limiter_.take("a", now_), seconds(2));
    EXPECT_EQ(limiter_.take("a", now_ + milliseconds(1500)), seconds(1));
    EXPECT_FALSE(limiter_.take("a", now_ + seconds(2)));
    EXPECT_TRUE(limiter_.take("a", now_ + seconds(2)));
}

TEST_F(RateLimit, FillsUpToTheBurstOnly) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(limiter_.take("a", now_));
    }
    now_ += std::chrono::hours(24);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(limiter_.take("a", now_));
    }
    EXPECT_TRUE(limiter_.take("a", now_));
}

TEST_F(RateLimit, ClockThatGoesBackGivesNothing) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(limiter_.take("a", now_ + seconds(10)));
    }
    EXPECT_TRUE(limiter_.take("a", now_));
    EXPECT_TRUE(limiter_.take("a", now_ + seconds(10)));
}

TEST_F(RateLimit, KeysAreApartAndTheirNumberBounded) {
    for (int i = 0; i < 4; ++i) {
        limiter_.take("a", now_);
    }
    EXPECT_FALSE(limiter_.take("b", now_));
    EXPECT_TRUE(limiter_.take("a", now_)) << "still empty, and now used last";
    EXPECT_FALSE(limiter_.take("c", now_)) << "b is forgotten";
    EXPECT_EQ(limiter_.known_keys(), 2U);
    EXPECT_TRUE(limiter_.take("a", now_));
}

TEST(RateKey, OneSubscriberIsOneKey) {
    using boost::asio::ip::make_address;
    EXPECT_EQ(rate_key(make_address("192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(rate_key(make_address("::ffff:192.0.2.1")), "192.0.2.1");
    EXPECT_EQ(rate_key(make_address("2001:db8:1:2:3::4")), rate_key(make_address("2001:db8:1:2::9")));
    EXPECT_NE(rate_key(make_address("2001:db8:1:2::1")), rate_key(make_address("2001:db8:1:3::1")));
}

}  // namespace
}  // namespace calyptenora::http
