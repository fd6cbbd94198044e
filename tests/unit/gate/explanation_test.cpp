#include "gate/explanation.hpp"

#include "unit/gate/situations.hpp"

#include <calyptenora/json.hpp>

#include <gmock/gmock.h>

#include <algorithm>

namespace calyptenora::gate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int rounds = 50'000;

/// A flow that is open: consented to, granted as declared.
Situation open_situation() {
    const auto fields = CategoryMask(Category::user_name) | Category::user_education_progress;
    Situation s;
    s.flow = {.purpose = Purpose::analytics_reporting_content_performance,
              .basis = LegalBasis::consent,
              .device_access = {},
              .declared = fields,
              .granted = fields,
              .granted_by_name = {},
              .required = {},
              .has_recipient = true,
              .third_party = true};
    s.subject.readable = true;
    s.subject.consent = ConsentState::given;
    s.request = {.now = Instant(std::chrono::hours(1)), .fields = fields};
    s.subject.consent_expires_at = s.request.now + std::chrono::hours(1);
    s.subject.consented = fields;
    return s;
}

Explanation explained(const Situation& s) {
    return explain(s.flow, s.subject, s.request);
}

/// What people do in the world so that a rule has nothing to object to; written independently of what the
/// explanation imagines. `fields` are those that it is about.
void happen(RuleId rule, Situation& s, CategoryMask fields) {
    const auto choose_consent = [&] {
        s.subject.consent = ConsentState::given;
        s.subject.consent_expires_at = s.request.now + std::chrono::days(180);
        s.subject.consented = s.flow.declared & s.flow.granted;
        s.subject.terms_widened = false;
    };
    const auto state_basis = [&] {
        for (const auto basis : {LegalBasis::consent, LegalBasis::contract, LegalBasis::legal_obligation})
            if (is_admissible(s.flow.purpose, basis))
                return void(s.flow.basis = basis);
    };
    switch (rule) {
        case RuleId::state_readable:
            s.subject.readable = true;
            break;
        case RuleId::recipient_named:
            s.flow.has_recipient = true;
            break;
        case RuleId::declared:
            s.flow.declared |= fields;
            break;
        case RuleId::erased:
            FAIL() << "nobody can do anything about it";
        case RuleId::restricted:
            s.subject.restricted = false;
            break;
        case RuleId::objected:
            s.subject.objected = false;
            break;
        case RuleId::minor:
            s.subject.guardian_needed = false;
            break;
        case RuleId::basis_admissible:
            state_basis();
            break;
        case RuleId::device_access:
            if (!s.flow.device_access)
                s.flow.device_access = DeviceAccess::consent;
            if (s.flow.basis == LegalBasis::legitimate_interest)
                state_basis();
            break;
        case RuleId::consent_state:
        case RuleId::consent_replaced:
        case RuleId::expiry:
        case RuleId::policy_version:
        case RuleId::privacy_control:
            choose_consent();
            break;
        case RuleId::announced:
            s.flow.in_force_from = s.request.now;
            break;
        case RuleId::granted:
            s.flow.granted |= fields;
            break;
        case RuleId::sensitive_by_name:
            s.flow.granted_by_name |= fields;
            break;
    }
}

/// Plugin and operator first, then the person, who is asked about what they have made of it.
Decision after_changes(Situation s, std::vector<RuleId> changes, CategoryMask fields) {
    const auto is_persons = [](RuleId rule) {
        return rule >= RuleId::consent_state && rule <= RuleId::privacy_control;
    };
    std::ranges::sort(changes, {}, is_persons);
    for (const auto rule : changes)
        happen(rule, s, fields);
    return decide(s.flow, s.subject, s.request);
}

TEST(Explanation, NeverDisagreesWithTheDecision) {
    const unsigned seed = std::random_device()();
    Situations random(seed);
    int refused = 0;
    for (int round = 0; round < rounds; ++round) {
        SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
        const Situation s{random.flow(), random.subject(), random.request()};
        const auto decision = decide(s.flow, s.subject, s.request);
        const auto explanation = explained(s);
        ASSERT_EQ(explanation.decision, decision);
        auto step = explanation.held_back.begin();
        for (const auto& rule : rules()) {
            const auto forbidden = decision.forbidden[static_cast<std::size_t>(rule.id)];
            if (forbidden.empty())
                continue;
            ASSERT_NE(step, explanation.held_back.end());
            ASSERT_EQ(step->rule, rule.key);
            ASSERT_EQ(step->source, rule.source);
            ASSERT_EQ(step->categories, forbidden & CategoryMask::all());
            ASSERT_EQ(step->whole_call, forbidden != step->categories);
            ++step;
        }
        ASSERT_EQ(step, explanation.held_back.end());
        refused += decision.refused;
    }
    EXPECT_GT(refused, rounds / 20);
    EXPECT_LT(refused, rounds - rounds / 20);
}

TEST(Explanation, SaysTheSameInWordsAndForScripts) {
    const unsigned seed = std::random_device()();
    Situations random(seed);
    for (int round = 0; round < rounds / 50; ++round) {
        SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
        const Situation s{random.flow(), random.subject(), random.request()};
        const auto explanation = explained(s);
        const auto& decision = explanation.decision;
        const auto text = to_text(explanation);
        const auto json = boost::json::parse(to_json_text(explanation)).as_object();
        ASSERT_EQ(json.at("refused").as_bool(), decision.refused);
        ASSERT_EQ(text.starts_with("Refused: nothing is sent.\n"), decision.refused);
        if (!decision.refused)
            ASSERT_TRUE(text.starts_with("Released: " + list_categories(decision.released) + ".\n")) << text;
        ASSERT_EQ(json.at("held_back").as_array().size(), explanation.held_back.size());
        for (const auto& step : explanation.held_back)
            ASSERT_THAT(text, HasSubstr(fmt::format("- {} ({}): {}.", step.rule, step.source, step.because)));
        const auto listed = [&](std::string_view name, std::string_view key) {
            return std::ranges::any_of(json.at(name).as_array(),
                                       [&](const auto& item) { return item.as_string() == key; });
        };
        for (std::size_t i = 0; i < category_keys.size(); ++i) {
            const auto category = static_cast<Category>(i);
            const auto sentence = explanation.counterfactual(category);
            const bool wanted = decision.wanted.contains(category);
            const bool released = decision.released.contains(category);
            ASSERT_EQ(listed("wanted", category_keys[i]), wanted);
            ASSERT_EQ(listed("released", category_keys[i]), released);
            ASSERT_EQ(sentence.empty(), !wanted || released) << category_keys[i];
            const auto* told = json.at("counterfactual").as_object().if_contains(category_keys[i]);
            ASSERT_EQ(told != nullptr, !sentence.empty());
            if (told) {
                ASSERT_EQ(told->as_string(), sentence);
                ASSERT_THAT(text, HasSubstr("  " + sentence + ".\n"));
            }
        }
    }
}

TEST(Explanation, WhatItNamesReleasesTheFieldAndNothingOfItCanBeLeftOut) {
    const unsigned seed = std::random_device()();
    Situations random(seed);
    std::map<RuleId, int> named;
    int hopeless = 0;
    for (int round = 0; round < rounds; ++round) {
        SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
        Situation s{random.flow(), random.subject(), random.request()};
        // Rules that nearly always stand behind others need many situations in which they do not.
        s.request.privacy_control = random.coin();
        if (random.coin())
            s.subject.consent = static_cast<ConsentState>(random.pick(consent_state_keys.size()));
        const auto category = static_cast<Category>(random.pick(category_keys.size()));
        s.request.fields |= category;

        const auto explanation = explained(s);
        const auto fields = CategoryMask(category) | (s.flow.required & s.request.fields);
        const auto obstacles = explanation.obstacles(category);
        if (!obstacles) {
            ++hopeless;
            ASSERT_TRUE(s.subject.erased);
            continue;
        }
        ASSERT_EQ(obstacles->empty(), explanation.decision.released.contains(category));
        ASSERT_TRUE(after_changes(s, *obstacles, fields).released.contains(category))
            << explanation.counterfactual(category);
        for (const auto left_out : *obstacles) {
            auto others = *obstacles;
            std::erase(others, left_out);
            ASSERT_FALSE(after_changes(s, others, fields).released.contains(category))
                << "without " << rules()[static_cast<std::size_t>(left_out)].key << ": "
                << explanation.counterfactual(category);
            ++named[left_out];
        }
    }
    EXPECT_GT(hopeless, 0);
    for (const auto& rule : rules())
        if (rule.id != RuleId::erased)
            EXPECT_GT(named[rule.id], 0) << rule.key << " is never in the way, so this shows nothing of it";
}

// The property above can fail: a cure for another illness does not help.
TEST(Explanation, AnotherChangeDoesNotReleaseTheField) {
    auto s = open_situation();
    s.subject.consent = ConsentState::withdrawn;
    const auto obstacles = explained(s).obstacles(Category::user_name);
    ASSERT_THAT(*obstacles, ElementsAre(RuleId::consent_state));
    EXPECT_TRUE(after_changes(s, *obstacles, Category::user_name).released.contains(Category::user_name));
    EXPECT_TRUE(after_changes(s, {RuleId::granted}, Category::user_name).refused);
}

TEST(Explanation, OfAnOpenFlowHasNothingToSay) {
    const auto explanation = explained(open_situation());
    EXPECT_TRUE(explanation.held_back.empty());
    EXPECT_EQ(to_text(explanation),
              "Released: user.name, user.education.progress.\n"
              "Wanted:   user.name, user.education.progress.\n");
    EXPECT_EQ(explanation.counterfactual(Category::user_contact_email), "") << "not wanted";
}

TEST(Explanation, NamesWhatWouldReleaseTheField) {
    auto s = open_situation();
    s.subject.consent = ConsentState::refused;
    EXPECT_EQ(explained(s).counterfactual(Category::user_name),
              "user.name would be released if the person consents");

    // Granted later, it goes further than what the person has agreed to.
    s = open_situation();
    s.flow.granted = s.subject.consented = Category::user_education_progress;
    EXPECT_EQ(explained(s).counterfactual(Category::user_name),
              "user.name would be released if the operator grants it in the settings, "
              "and the person agrees to the new terms");
    EXPECT_EQ(explained(s).counterfactual(Category::user_education_progress), "");

    // It falls with a field that the call cannot do without.
    s.flow.required = Category::user_name;
    EXPECT_EQ(explained(s).counterfactual(Category::user_education_progress),
              "user.education.progress would be released if the operator grants it in the settings, "
              "and the person agrees to the new terms");

    // Who consents agrees to what is asked for now: that is one thing, not two.
    s = open_situation();
    s.subject.consent = ConsentState::given;
    s.subject.consent_expires_at = s.request.now;
    s.subject.terms_widened = true;
    EXPECT_EQ(explained(s).counterfactual(Category::user_name),
              "user.name would be released if the person renews it");
}

TEST(Explanation, OfAnErasedPersonGivesNoHope) {
    auto s = open_situation();
    s.subject.erased = true;
    s.subject.consent = ConsentState::refused;
    EXPECT_EQ(explained(s).counterfactual(Category::user_name),
              "user.name will not be released: the person's data has been erased");
    EXPECT_THAT(to_text(explained(s)), Not(HasSubstr("would be released")));
}

}  // namespace
}  // namespace calyptenora::gate
