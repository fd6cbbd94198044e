#include "storage/ids.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace calyptenora::storage {
namespace {

TEST(UuidV7, HasVersionVariantAndTime) {
    const auto id = make_uuid_v7();
    ASSERT_TRUE(is_uuid(id));
    EXPECT_EQ(id[14], '7');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
    const auto milliseconds = std::stoll(id.substr(0, 8) + id.substr(9, 4), nullptr, 16);
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    EXPECT_NEAR(static_cast<double>(milliseconds), static_cast<double>(now), 5000.0);
}

TEST(UuidV7, AscendsWithinOneMillisecondAndBeyondTheCounter) {
    auto last = make_uuid_v7();
    for (int i = 0; i < 50'000; ++i) {
        auto next = make_uuid_v7();
        ASSERT_LT(last, next);
        last = std::move(next);
    }
}

TEST(UuidV7, IsUniqueAcrossThreads) {
    std::vector<std::vector<std::string>> made(4);
    std::vector<std::thread> threads;
    for (auto& mine : made)
        threads.emplace_back([&mine] {
            for (int i = 0; i < 5000; ++i)
                mine.push_back(make_uuid_v7());
        });
    for (auto& thread : threads)
        thread.join();
    std::set<std::string> all;
    for (const auto& mine : made) {
        EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
        all.insert(mine.begin(), mine.end());
    }
    EXPECT_EQ(all.size(), 20'000u);
}

TEST(Id, ParsesOnlyTheOneSpelling) {
    EXPECT_TRUE(SubjectId::parse("0190b6a2-7c1e-7000-8000-0123456789ab"));
    for (const auto* wrong :
         {"", "0190B6A2-7c1e-7000-8000-0123456789ab", "0190b6a27c1e70008000-0123456789ab00",
          "0190b6a2-7c1e-7000-8000-0123456789ab ", "0190b6a2-7c1e-7000-8000-0123456789ag"}) {
        const auto parsed = SubjectId::parse(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_input);
    }
}

template <class From, class To>
concept Converts = std::is_convertible_v<From, To>;
static_assert(!Converts<OrderId, SubjectId> && !Converts<std::string, OrderId>);

}  // namespace
}  // namespace calyptenora::storage
