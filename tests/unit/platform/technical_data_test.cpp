#include "platform/technical_data.hpp"

#include <gmock/gmock.h>

// Coarse enough that nobody can be told by it, fine enough to find slow pages.
namespace calyptenora::platform {
namespace {

using storage::PageMetric;
using storage::TimingCount;
using testing::ElementsAre;
using testing::Pair;

struct Agent {
    const char* header;
    storage::DeviceKind kind;
};

TEST(KindOfDevice, IsFormBrowserAndSystemWithoutVersions) {
    const Agent agents[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         {"computer", "Firefox", "Linux"}},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
         "Safari/537.36 Edg/138.0.0.0",
         {"computer", "Edge", "Windows"}},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/18.5 Mobile/15E148 Safari/604.1",
         {"phone", "Safari", "iOS"}},
        {"Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/16.0 "
         "Mobile/15E148 Safari/604.1",
         {"tablet", "Safari", "iPadOS"}},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile "
         "Safari/537.36",
         {"phone", "Chrome", "Android"}},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 "
         "Safari/537.36",
         {"tablet", "Chrome", "Android"}},
        {"curl/8.5", {"other", "other", "other"}},
        {"", {"other", "other", "other"}},
        {"Firefox/<script>, 'x'; Linux", {"computer", "Firefox", "Linux"}},
    };
    for (const auto& [header, kind] : agents) {
        const auto found = kind_of_device(header);
        EXPECT_EQ(found, kind) << header << ": " << found.form << ' ' << found.browser << ' ' << found.system;
    }
}

TEST(Buckets, HoldTheirValuesAndDoNotOverlap) {
    long long last = 0;
    for (long long value = 0; value < slowest_bucket + 5'000; ++value) {
        const auto bucket = bucket_of(value);
        ASSERT_LE(bucket, value);
        ASSERT_TRUE(value < end_of_bucket(bucket) || bucket == slowest_bucket) << value;
        ASSERT_GE(bucket, last);
        ASSERT_EQ(bucket_of(bucket), bucket) << "a bucket is in itself";
        last = bucket;
    }
    EXPECT_EQ(bucket_of(-5), 0);
    EXPECT_EQ(bucket_of(99'999'999), slowest_bucket);
    // The limits of the Web Vitals lie between two buckets, never in one.
    for (const long long limit : {200, 500, 800, 1'800, 2'500, 3'000, 4'000, 100, 250})
        EXPECT_EQ(bucket_of(limit), limit);
}

TimingCount took(const char* page, const char* form, PageMetric metric, long long bucket, long long views) {
    return {page, {form, "Firefox", "Linux"}, metric, bucket, views};
}

TEST(PageFigures, SayWithinWhatThreeQuartersStayed) {
    long long small = 0;
    const auto figures = make_page_figures(
        {took("home", "phone", PageMetric::lcp, 1'000, 5), took("home", "phone", PageMetric::lcp, 2'000, 10),
         took("home", "phone", PageMetric::lcp, 4'000, 5), took("home", "phone", PageMetric::ttfb, 100, 20)},
        KindOf::form, 20, small);
    ASSERT_EQ(figures.size(), 1u);
    EXPECT_EQ(figures[0].page, "home");
    EXPECT_EQ(figures[0].kind, "phone");
    EXPECT_EQ(figures[0].views, 20);
    EXPECT_THAT(figures[0].at_most, ElementsAre(Pair(PageMetric::ttfb, 110), Pair(PageMetric::lcp, 2'100)));
    EXPECT_EQ(small, 0);
}

TEST(PageFigures, LeaveSmallGroupsOutAndPutTheSlowestFirst) {
    long long small = 0;
    const std::vector<TimingCount> counts{
        took("home", "phone", PageMetric::lcp, 1'000, 20),
        took("lesson", "phone", PageMetric::lcp, 3'000, 20),
        took("lesson", "tablet", PageMetric::lcp, 9'000, 19),
        took("home", "phone", PageMetric::inp, 500, 19),
    };
    const auto figures = make_page_figures(counts, KindOf::form, 20, small);
    ASSERT_EQ(figures.size(), 2u);
    EXPECT_EQ(figures[0].page, "lesson");
    EXPECT_EQ(figures[0].kind, "phone");
    EXPECT_EQ(figures[1].page, "home");
    EXPECT_FALSE(figures[1].at_most.contains(PageMetric::inp)) << "19 of its views told of it";
    EXPECT_EQ(small, 1) << "the tablets";
    small = 0;
    const auto by_system = make_page_figures(counts, KindOf::system, 20, small);
    ASSERT_EQ(by_system.size(), 2u);
    EXPECT_EQ(by_system[0].kind, "Linux");
    EXPECT_EQ(by_system[0].views, 39);
}

}  // namespace
}  // namespace calyptenora::platform
