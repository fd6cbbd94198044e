#include "host/supervision.hpp"

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

using namespace std::chrono_literals;
constexpr Strikes::Time start{1h};

TEST(Supervision, WaitsLongerEachTimeAndStopsAtTheThird) {
    Strikes strikes;
    EXPECT_EQ(strikes.strike(Loss::ended, start, {}), 500ms);
    EXPECT_EQ(strikes.strike(Loss::ended, start + 1min, {}), 5s);
    EXPECT_EQ(strikes.strike(Loss::ended, start + 2min, {}), std::nullopt);
}

TEST(Supervision, WhatIsLongAgoDoesNotCount) {
    Strikes strikes;
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(strikes.strike(Loss::ended, start + i * 11min, {}), 500ms);
    EXPECT_EQ(strikes.count(), 1u);
}

TEST(Supervision, WhoBreaksTheRulesOfTheWireGetsNoSecondChance) {
    Strikes strikes;
    EXPECT_EQ(strikes.strike(Loss::broke_rules, start, {}), std::nullopt);
}

}  // namespace
}  // namespace calyptenora::host
