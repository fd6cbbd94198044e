#include "gate/policy.hpp"

#include "support/policies.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace calyptenora::gate {
namespace {

using enum Category;
using test::replaced;
using ::testing::ElementsAre;
using ::testing::IsNull;

constexpr auto content_performance = Purpose::analytics_reporting_content_performance;
constexpr auto system_performance = Purpose::analytics_reporting_system_performance;
constexpr auto content_delivery = Purpose::essential_service_content_delivery;
constexpr auto operations_support = Purpose::essential_service_operations_support;

constexpr CategoryMask fields(std::initializer_list<Category> categories) {
    CategoryMask mask;
    for (const auto category : categories)
        mask |= category;
    return mask;
}

settings::InstanceId id(std::string_view text) {
    return settings::parse_instance_id(text).value();
}

/// A player in a frame, whose provider keeps something on the device.
std::string player_manifest() {
    return R"(id: video/player
version: 0.1.0
sdk: "1.0"
summary: {de: Abspieler, en: Player}
licence: AGPL-3.0-or-later
purposes:
  - purpose: essential.service.content_delivery
    legal_basis: consent
    device_access: consent
    cookie_category: external_media
    fields:
      - {category: user.device, required: true, why: {de: W, en: W}}
browser:
  frame_origins: ["https://player.example", "${settings.origin}"]
  storage:
    - {name: visitor, kind: cookie, duration: 30d}
settings:
  origin: {type: url, required: true, description: {de: D, en: D}}
)";
}

std::string player_settings() {
    return test::settings_head() + R"(plugins:
  video/player:
    recipient: {legal_name: Film Inc., address: 1 Road, country: US, role: controller, privacy_policy: 'https://film.example/privacy', safeguard: scc}
    settings: {origin: 'https://cdn.film.example:8443'}
)";
}

/// The policy of test::probe_settings() with one text replaced in the settings or in the manifest.
std::shared_ptr<const Policy> policy_with(std::string_view from, std::string_view to) {
    auto settings = test::probe_settings();
    auto manifest = test::probe_manifest();
    if (settings.find(from) != std::string::npos)
        settings = replaced(settings, from, to);
    else
        manifest = replaced(manifest, from, to);
    return test::compile_policy(settings, {manifest, test::desk_manifest()});
}

std::shared_ptr<const Policy> probe_policy() {
    return test::compile_policy(test::probe_settings(), {test::probe_manifest(), test::desk_manifest()});
}

const PolicyFlow& flow(const Policy& policy, std::string_view instance, Purpose purpose) {
    const auto* found = policy.find_flow(id(instance), purpose);
    if (!found)
        throw std::runtime_error(fmt::format("{} has no flow for {}", instance, key_of(purpose)));
    return *found;
}

TEST(Policy, DeclaresWhatTheManifestSaysAndGrantsWhatTheOperatorAllows) {
    const auto policy = probe_policy();
    const auto& first = flow(*policy, "analytics/probe", content_performance);
    EXPECT_EQ(first.flow.declared,
              fields({user_unique_id_pseudonymous, user_education_progress, user_education_grade, user_name,
                      user_contact_email, user_device_ip_address}));
    EXPECT_EQ(first.flow.granted, fields({user_unique_id_pseudonymous, user_education_progress, user_name,
                                          user_device_ip_address}));
    EXPECT_EQ(first.flow.required, fields({user_unique_id_pseudonymous}));
    EXPECT_EQ(first.flow.granted_by_name, CategoryMask());
    EXPECT_EQ(first.flow.basis, LegalBasis::consent);
    EXPECT_EQ(first.flow.device_access, std::nullopt);
    EXPECT_TRUE(first.flow.has_recipient);
    EXPECT_TRUE(first.flow.third_party);
    EXPECT_EQ(first.cookie_category, CookieCategory::analytics);
    EXPECT_EQ(first.retention, std::chrono::days(60)) << "the operator's, which is shorter";

    const auto& second = flow(*policy, "analytics/probe@second", content_performance);
    EXPECT_EQ(second.flow.declared, first.flow.declared);
    EXPECT_EQ(second.flow.granted, fields({user_unique_id_pseudonymous})) << "only what is required";
    EXPECT_EQ(second.retention, std::chrono::days(90));
    EXPECT_EQ(flow(*policy, "analytics/probe", system_performance).flow.basis,
              LegalBasis::legitimate_interest);
}

TEST(Policy, TransformsEachFieldAsDeclared) {
    const auto policy = probe_policy();
    const auto& transforms = flow(*policy, "analytics/probe", content_performance).transforms;
    EXPECT_EQ(transforms[user_unique_id_pseudonymous], Transform::pseudonym);
    EXPECT_EQ(transforms[user_device_ip_address], Transform::truncate_ip);
    EXPECT_EQ(transforms[user_name], Transform::none);
    EXPECT_EQ(transforms[user_device_user_agent], Transform::none) << "not declared at all";
}

TEST(Policy, GrantsGradesByNameOnly) {
    const auto by_prefix = policy_with("user.education.progress: true", "user.education: true");
    EXPECT_EQ(flow(*by_prefix, "analytics/probe", content_performance).flow.granted,
              flow(*probe_policy(), "analytics/probe", content_performance).flow.granted);
    const auto by_name = policy_with("user.education.progress: true",
                                     "user.education.progress: true, user.education.grade: true");
    const auto& named = flow(*by_name, "analytics/probe", content_performance).flow;
    EXPECT_TRUE(named.granted.contains(user_education_grade));
    EXPECT_EQ(named.granted_by_name, fields({user_education_grade}));
}

TEST(Policy, HoldsOnlyWhatIsEnabled) {
    const auto policy = policy_with("      analytics.reporting.content_performance:\n",
                                    "      analytics.reporting.system_performance: {enabled: false}\n"
                                    "      analytics.reporting.content_performance:\n");
    EXPECT_THAT(policy->find_flow(id("analytics/probe"), system_performance), IsNull());
    EXPECT_NE(policy->find_flow(id("analytics/probe@second"), system_performance), nullptr);
    EXPECT_THAT(policy->find_flow(id("analytics/probe"), operations_support), IsNull());
    EXPECT_THAT(policy->find_flow(id("analytics/nobody"), content_performance), IsNull());
    EXPECT_THAT(policy->find_instance(id("analytics/probe@third")), IsNull());
    EXPECT_EQ(policy->of_family(Family::analytics).size(), 2u);
    EXPECT_EQ(policy->of_family(Family::support).size(), 2u);
    EXPECT_TRUE(policy->of_family(Family::payments).empty());
    // Without a recipient nobody is asked, and nothing is there.
    const auto nobody = test::compile_policy(
        test::settings_head() + "plugins: {analytics/probe: {settings: {endpoint: 'https://lrs.example'}}}\n",
        {test::probe_manifest()});
    EXPECT_TRUE(nobody->instances().empty());
}

TEST(Policy, TakesTheOperatorsTighterBasis) {
    const auto tighter = policy_with("      analytics.reporting.content_performance:\n",
                                     "      analytics.reporting.system_performance: {legal_basis: consent}\n"
                                     "      analytics.reporting.content_performance:\n");
    const auto& row = flow(*tighter, "analytics/probe", system_performance);
    EXPECT_EQ(row.flow.basis, LegalBasis::consent);
    EXPECT_EQ(row.terms.basis, "consent");
    EXPECT_THROW(policy_with("        retention_days: 60\n", "        legal_basis: contract\n"),
                 std::runtime_error)
        << "and no looser one";
}

TEST(Policy, KnowsTheHouseItself) {
    const auto own = policy_with(
        "{legal_name: Lernstatistik AG, address: Weg 2, country: DE, role: "
        "controller, privacy_policy: 'https://lrs.example/privacy'}",
        "{self: true}");
    const auto& row = flow(*own, "analytics/probe", content_performance);
    EXPECT_TRUE(row.flow.has_recipient);
    EXPECT_FALSE(row.flow.third_party);
}

// Otherwise people would be asked for what can never flow, and told that it does once they allow it.
TEST(Policy, APurposeWithoutWhatItRequiresIsOff) {
    const auto denied = test::compile_policy(
        test::replaced(
            test::probe_settings(),
            "        fields: {user.education.progress: true, user.name: true, user.device.ip_address: true}",
            "        fields: {user.education.progress: true, user.unique_id: false}"),
        {test::probe_manifest(), test::desk_manifest()});
    EXPECT_EQ(denied->find_flow(id("analytics/probe"), content_performance), nullptr);
    EXPECT_NE(denied->find_flow(id("analytics/probe@second"), content_performance), nullptr) << "the twin";

    const auto with_grade = test::replaced(test::probe_manifest(), "{category: user.education.grade, why",
                                           "{category: user.education.grade, required: true, why");
    const auto unnamed = test::compile_policy(test::probe_settings(), {with_grade, test::desk_manifest()});
    EXPECT_EQ(unnamed->find_flow(id("analytics/probe"), content_performance), nullptr);
    const auto named =
        test::compile_policy(test::replaced(test::probe_settings(), "{user.education.progress: true, ",
                                            "{user.education.progress: true, user.education.grade: true, "),
                             {with_grade, test::desk_manifest()});
    EXPECT_NE(named->find_flow(id("analytics/probe"), content_performance), nullptr);
}

TEST(Policy, KeepsTheTermsOfWhichAConsentSpeaks) {
    const auto policy = probe_policy();
    const auto& row = flow(*policy, "analytics/probe", content_performance);
    const Terms expected{.recipient = "Lernstatistik AG",
                         .country = "DE",
                         .role = "controller",
                         .basis = "consent",
                         .device_access = "",
                         .retention_days = 60,
                         .endpoints = {"lrs.example:443"},
                         .categories = {"user.name", "user.unique_id.pseudonymous", "user.device.ip_address",
                                        "user.education.progress"}};
    EXPECT_EQ(row.terms, expected);
    EXPECT_EQ(parse_json<Terms>(row.terms_document).value(), expected) << "as it is kept with the proof";
}

TEST(Policy, NamesTheOriginsThatTheBrowserIsSentTo) {
    const auto policy = test::compile_policy(player_settings(), {player_manifest()});
    const auto& row = flow(*policy, "video/player", content_delivery);
    EXPECT_EQ(row.flow.device_access, DeviceAccess::consent);
    EXPECT_EQ(row.flow.declared, categories_under("user.device"));
    EXPECT_EQ(row.flow.required, categories_under("user.device"));
    EXPECT_EQ(row.terms.device_access, "consent");
    EXPECT_EQ(row.terms.retention_days, 0) << "as long as the contract lasts";
    EXPECT_THAT(row.terms.endpoints, ElementsAre("https://cdn.film.example:8443", "https://player.example"));
    const auto* instance = policy->find_instance(id("video/player"));
    ASSERT_EQ(instance->device_storage.size(), 1u);
    EXPECT_EQ(instance->device_storage[0].name, "visitor");
}

/// One change of what a consent speaks of, and whether the person must be asked again (consent.md rule 12).
/// The answers were written by hand.
struct TermsRow {
    const char* what;
    std::function<void(Terms&)> change;
    bool widens;
};

Terms some_terms() {
    return {.recipient = "Film Inc.",
            .country = "US",
            .role = "processor",
            .basis = "consent",
            .device_access = "consent",
            .retention_days = 60,
            .endpoints = {"a.example:443", "b.example:443"},
            .categories = {"user.name"}};
}

const std::vector<TermsRow> terms_table{
    {"nothing", [](Terms&) {}, false},
    {"another recipient", [](Terms& t) { t.recipient = "Film Holding Inc."; }, true},
    {"another country", [](Terms& t) { t.country = "CN"; }, true},
    {"a country of the EEA", [](Terms& t) { t.country = "DE"; }, false},
    {"the recipient decides by itself", [](Terms& t) { t.role = "controller"; }, true},
    {"another legal basis", [](Terms& t) { t.basis = "legitimate_interest"; }, true},
    {"a consent that must be explicit", [](Terms& t) { t.basis = "explicit_consent"; }, true},
    {"the device is read on another ground", [](Terms& t) { t.device_access = "strictly_necessary"; }, true},
    {"the device is left alone", [](Terms& t) { t.device_access = ""; }, false},
    {"kept a day longer", [](Terms& t) { t.retention_days = 61; }, true},
    {"kept as long as the contract lasts", [](Terms& t) { t.retention_days = 0; }, true},
    {"kept a day less", [](Terms& t) { t.retention_days = 59; }, false},
    {"a further endpoint", [](Terms& t) { t.endpoints.push_back("c.example:443"); }, true},
    {"an endpoint on another port", [](Terms& t) { t.endpoints = {"a.example:8443", "b.example:443"}; },
     true},
    {"an endpoint less", [](Terms& t) { t.endpoints = {"a.example:443"}; }, false},
    {"no endpoint", [](Terms& t) { t.endpoints.clear(); }, false},
    {"endpoints in another order", [](Terms& t) { std::ranges::reverse(t.endpoints); }, false},
    {"a further category: decide() compares them one by one",
     [](Terms& t) { t.categories.push_back("user.contact.email"); }, false},
};

TEST(Terms, WidenAsTheTableSays) {
    for (const auto& row : terms_table) {
        auto now = some_terms();
        row.change(now);
        EXPECT_EQ(widens(now, some_terms()), row.widens) << row.what;
    }
    auto unlimited = some_terms();
    unlimited.retention_days = 0;
    EXPECT_FALSE(widens(some_terms(), unlimited)) << "what had no end has one now";
    auto at_home = some_terms();
    at_home.country = "AT";
    EXPECT_TRUE(widens(some_terms(), at_home)) << "it leaves the EEA";
    auto without_device = some_terms();
    without_device.device_access.clear();
    EXPECT_TRUE(widens(some_terms(), without_device)) << "it reads the device now";
}

// So a recipient cannot creep up: many small changes of which none asks are together none that should have.
TEST(Terms, WhatDoesNotWidenStepByStepDoesNotWidenAsAWhole) {
    const unsigned seed = std::random_device()();
    std::mt19937 random(seed);
    const auto changed = [&](Terms terms) {
        terms_table[random() % terms_table.size()].change(terms);
        return terms;
    };
    int walked = 0;
    for (int round = 0; round < 50'000; ++round) {
        const auto first = changed(some_terms()), second = changed(first), third = changed(second);
        ASSERT_FALSE(widens(first, first));
        if (widens(second, first) || widens(third, second))
            continue;
        ++walked;
        ASSERT_FALSE(widens(third, first)) << "seed " << seed << " round " << round;
    }
    EXPECT_GT(walked, 1000);
}

/// One change of YAML or manifest, what becomes of a consent to the first instance's learning analytics, and
/// whether the fingerprint tells.
struct ReloadRow {
    const char* from;
    const char* to;
    bool asks;         ///< The person is asked again: wider terms, or more categories.
    bool same_policy;  ///< The policy's fingerprint is the same.
};

TEST(Policy, IsFingerprintedByItsTermsAndNotByItsWords) {
    const auto before = probe_policy();
    EXPECT_EQ(before->hash(), probe_policy()->hash()) << "the same input, the same fingerprint";
    EXPECT_EQ(before->hash().size(), 64u);
    const auto& then = flow(*before, "analytics/probe", content_performance);
    for (const auto& row : std::vector<ReloadRow>{
             {"legal_name: Lernstatistik AG", "legal_name: Lernstatistik SE", true, false},
             {"address: Weg 2, country: DE", "address: Weg 2, country: AT", false, false},
             {"https://lrs.example/xapi", "https://lrs.example:8443/xapi", true, false},
             {"https://lrs.example/xapi", "https://other.example/xapi", true, false},
             {"retention_days: 60", "retention_days: 61", true, false},
             {"user.education.progress: true", "user.education.progress: true, user.contact: true", true,
              false},
             {"retention_days: 60", "retention_days: 59", false, false},
             {"progress: true, user.name: true", "progress: true", false, false},
             {"https://lrs.example/xapi", "https://lrs.example/v2", false, true},
             {"https://lrs.example/privacy", "https://lrs.example/datenschutz", false, true},
             {"address: Weg 2", "address: Weg 20", false, true},
             {"summary: {de: Probe, en: Probe}", "summary: {de: Anders, en: Reworded}", false, true},
             {"version: 0.1.0", "version: 0.2.0", false, true},
             {"{category: user.name, why: {de: W, en: W}}", "{category: user.name, why: {de: X, en: Y}}",
              false, true},
             {"legal_name: Zweite Statistik", "legal_name: Dritte Statistik", false, false}}) {
        SCOPED_TRACE(row.to);
        const auto after = policy_with(row.from, row.to);
        const auto& now = flow(*after, "analytics/probe", content_performance);
        const bool more = !then.flow.granted.contains(now.flow.declared & now.flow.granted);
        EXPECT_EQ(widens(now.terms, then.terms) || more, row.asks);
        EXPECT_EQ(after->hash() == before->hash(), row.same_policy);
        EXPECT_EQ(now.terms == then.terms, now.terms_document == then.terms_document);
    }
}

TEST(Policy, ProvesWhichManifestItWasCompiledFrom) {
    const auto policy = probe_policy();
    const auto* instance = policy->find_instance(id("analytics/probe"));
    ASSERT_NE(instance, nullptr);
    EXPECT_EQ(instance->manifest_hash, sha256_hex(test::probe_manifest()));
    const auto reworded = policy_with("version: 0.1.0", "version: 0.2.0");
    EXPECT_NE(reworded->find_instance(id("analytics/probe"))->manifest_hash,
              sha256_hex(test::probe_manifest()));
    // FIPS 180-2, appendix B.1.
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace calyptenora::gate
