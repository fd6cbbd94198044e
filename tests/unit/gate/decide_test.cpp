#include "gate/decide.hpp"

#include "unit/gate/decision_table.hpp"
#include "unit/gate/situations.hpp"

#include <gtest/gtest.h>

namespace calyptenora::gate {
namespace {

TEST(Decide, IsAsTheTablesSay) {
    const auto rows = tables::load(CALYPTENORA_SOURCE_DIR "/tests/unit/gate/tables");
    EXPECT_GE(rows.size(), 150u);
    for (const auto& row : rows)
        EXPECT_EQ(tables::difference(row), "");
}

TEST(Decide, ATableThatLiesIsCaught) {
    auto rows = tables::load(CALYPTENORA_SOURCE_DIR "/tests/unit/gate/tables");
    for (auto& row : rows) {
        row.expect_refused = !row.expect_refused;
        EXPECT_NE(tables::difference(row), "") << row.where;
    }
}

TEST(Decide, RulesStandInTheOrderOfTheirIds) {
    ASSERT_EQ(rules().size(), rule_count);
    for (std::size_t i = 0; i < rule_count; ++i)
        EXPECT_EQ(static_cast<std::size_t>(rules()[i].id), i);
}

constexpr int rounds = 200'000;

// What a denial is: every way in which a situation can get worse for those who want the data.
void deny_more(Situations& random, Flow& flow, SubjectState& subject, Request& request) {
    switch (random.pick(12)) {
        case 0:
            subject.readable = false;
            break;
        case 1:
            subject.erased = true;
            break;
        case 2:
            subject.restricted = true;
            break;
        case 3:
            subject.objected = true;
            break;
        case 4:
            subject.guardian_needed = true;
            subject.guardian_consented = false;
            break;
        case 5:
            subject.consent = ConsentState::withdrawn;
            break;
        case 6:
            subject.consent_expires_at = request.now;
            break;
        case 7:
            subject.terms_widened = true;
            break;
        case 8:
            flow.granted = flow.granted & random.mask();
            break;
        case 9:
            flow.has_recipient = false;
            break;
        case 10:
            subject.consented = subject.consented & random.mask();
            break;
        case 11:
            flow.declared = flow.declared & random.mask();
            break;
    }
}

TEST(Decide, AddingADenialNeverReleasesMore) {
    const unsigned seed = std::random_device()();
    Situations random(seed);
    for (int i = 0; i < rounds; ++i) {
        auto flow = random.flow();
        auto subject = random.subject();
        auto request = random.request();
        const auto before = decide(flow, subject, request);
        deny_more(random, flow, subject, request);
        const auto after = decide(flow, subject, request);
        ASSERT_TRUE(before.released.contains(after.released)) << "seed " << seed << " round " << i;
        ASSERT_TRUE(after.refused || !before.refused) << "seed " << seed << " round " << i;
    }
}

TEST(Decide, ReleasedIsDeclaredAndGrantedAndWantedAndAdmissible) {
    const unsigned seed = std::random_device()();
    Situations random(seed);
    int released = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto flow = random.flow();
        const auto subject = random.subject();
        const auto request = random.request();
        const auto decision = decide(flow, subject, request);
        ASSERT_TRUE((flow.declared & flow.granted & request.fields).contains(decision.released))
            << "seed " << seed << " round " << i;
        if (decision.released.empty())
            continue;
        ++released;
        ASSERT_TRUE(is_admissible(flow.purpose, flow.basis)) << "seed " << seed << " round " << i;
        if (is_consent(flow.basis))
            ASSERT_TRUE(subject.consent == ConsentState::given || subject.consent == ConsentState::renewed)
                << "seed " << seed << " round " << i;
    }
    EXPECT_GT(released, rounds / 100)
        << "the situations hardly ever release anything, so this test shows nothing";
}

TEST(Decide, TheStepsExplainTheOutcome) {
    const unsigned seed = std::random_device()();
    Situations random(seed);
    for (int i = 0; i < rounds; ++i) {
        const auto flow = random.flow();
        const auto request = random.request();
        const auto decision = decide(flow, random.subject(), request);
        CategoryMask held_back;
        for (const auto mask : decision.forbidden)
            held_back |= mask;
        if (decision.refused)
            ASSERT_FALSE(held_back.empty()) << "seed " << seed << " round " << i;
        else
            ASSERT_EQ(decision.released, request.fields - held_back) << "seed " << seed << " round " << i;
    }
}

}  // namespace
}  // namespace calyptenora::gate
