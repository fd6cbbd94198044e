#include "settings/plugin_settings.hpp"

#include "fixture.hpp"
#include "settings/categories.hpp"

namespace calyptenora::settings::test {
namespace {

class InstanceOfXapi : public SettingsFiles {
  protected:
    void SetUp() override {
        SettingsFiles::SetUp();
        auto loaded = load_settings(home_ / "good/calyptenora.yaml", options());
        ASSERT_TRUE(loaded) << to_text(loaded.problems);
        settings_ = std::move(*loaded.value);
        const auto all = manifests();
        ASSERT_EQ(all.size(), 3u);
        auto checked =
            check_instance(settings_, settings_.plugins.at(*parse_instance_id("analytics/xapi")), all[0]);
        ASSERT_TRUE(checked) << to_text(checked.problems);
        configuration_ = std::move(*checked.value);
    }

    Settings settings_;
    InstanceConfiguration configuration_;
};

TEST_F(InstanceOfXapi, GetsTypedSettingsWithDefaults) {
    const boost::json::object expected{{"endpoint", "https://lrs.example/xapi/"},
                                       {"username", "calyptenora"},
                                       {"batch", 50},
                                       {"flush_after", 10000},
                                       {"format", "compact"}};
    EXPECT_EQ(configuration_.settings.visible(), expected);
    const auto& passwords = configuration_.settings.secrets("password");
    ASSERT_EQ(passwords.size(), 2u);
    EXPECT_EQ(passwords[0].reveal(), env_canary);
    EXPECT_EQ(passwords[1].reveal(), file_canary);
    const auto document = boost::json::parse(configuration_.settings.reveal_document());
    EXPECT_EQ(document.at("password"), (boost::json::array{env_canary, file_canary}));
    EXPECT_EQ(document.at("batch"), 50);
}

TEST_F(InstanceOfXapi, MayAskItsHostsOnly) {
    EXPECT_EQ(configuration_.egress,
              (std::vector<HostPort>{{"lrs.example", 443}, {"status.lrs.example", 8443}}));
    EXPECT_TRUE(configuration_.frame_origins.empty());
}

TEST_F(InstanceOfXapi, IsNarrowedByTheOperator) {
    ASSERT_EQ(configuration_.purposes.size(), 1u);
    const auto& purpose = configuration_.purposes[0];
    EXPECT_TRUE(purpose.enabled);
    EXPECT_EQ(purpose.legal_basis, LegalBasis::explicit_consent);
    EXPECT_EQ(purpose.retention_days, std::chrono::days(90));
    // Required and not denied; allowed by name; allowed by name. Not: other learning data, and devices, which
    // are denied.
    EXPECT_EQ(purpose.granted(), CategoryMask(Category::user_unique_id_pseudonymous) |
                                     CategoryMask(Category::user_education_progress) |
                                     CategoryMask(Category::user_education_grade));
    auto disabled = purpose;
    disabled.enabled = false;
    EXPECT_TRUE(disabled.granted().empty());
}

TEST_F(InstanceOfXapi, ChangesAreSeen) {
    auto same = configuration_.settings;
    EXPECT_TRUE(same.same_as(configuration_.settings));
    EXPECT_FALSE(same.same_as(PluginSettings(configuration_.settings.visible(), {})));
    EXPECT_FALSE(same.same_as(PluginSettings({}, {{"password", {Secret(env_canary), Secret(file_canary)}}})));
    EXPECT_TRUE(same.same_as(PluginSettings(configuration_.settings.visible(),
                                            {{"password", {Secret(env_canary), Secret(file_canary)}}})));
    EXPECT_FALSE(same.same_as(PluginSettings(configuration_.settings.visible(),
                                             {{"password", {Secret(file_canary), Secret(env_canary)}}})));
}

TEST_F(InstanceOfXapi, WarnsWhereARequiredFieldIsDenied) {
    auto text = read_file(home_ / "good/calyptenora.yaml");
    text.replace(text.find("user.device: false"), 18, "user.unique_id: false");
    std::ofstream(home_ / "good/x.yaml") << text;
    const auto problems = check_configuration(home_ / "good/x.yaml", manifests(), options());
    ASSERT_EQ(problems.size(), 1u) << to_text(problems);
    EXPECT_EQ(problems[0].severity, Severity::warning);
    EXPECT_NE(problems[0].key_path.find("user.unique_id"), std::string::npos);
}

TEST_F(InstanceOfXapi, TheWholeFileIsChecked) {
    EXPECT_EQ(text_of(check_configuration(home_ / "good/calyptenora.yaml", manifests(), options())), "");
    auto without = manifests();
    without.pop_back();
    const auto problems = check_configuration(home_ / "good/calyptenora.yaml", without, options());
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].key_path, "plugins.auth/password");
}

TEST(Narrowing, ABasisIsOnlyTightened) {
    using enum LegalBasis;
    const auto& all = {consent,        explicit_consent, contract,           legal_obligation,
                       vital_interest, public_task,      legitimate_interest};
    int allowed = 0;
    for (const auto declared : all)
        for (const auto chosen : all)
            allowed += is_same_or_tighter(declared, chosen) ? 1 : 0;
    EXPECT_EQ(allowed, 7 + 6 + 5)
        << "itself, to explicit consent from six others, to consent from five others";
    EXPECT_TRUE(is_same_or_tighter(legitimate_interest, consent));
    EXPECT_TRUE(is_same_or_tighter(contract, consent));
    EXPECT_TRUE(is_same_or_tighter(consent, explicit_consent));
    EXPECT_FALSE(is_same_or_tighter(explicit_consent, consent));
    EXPECT_FALSE(is_same_or_tighter(consent, legitimate_interest));
    EXPECT_FALSE(is_same_or_tighter(legitimate_interest, contract));
}

FieldGrant grant(std::string key, bool granted) {
    const auto categories = categories_named_by(key);
    return {.key = std::move(key), .categories = categories, .granted = granted, .position = {}};
}

TEST(Narrowing, GradesNeedTheirOwnNameAndADenialWins) {
    const ManifestField education{.key = "user.education",
                                  .categories = categories_named_by("user.education"),
                                  .required = true,
                                  .transform = Transform::none,
                                  .why = {}};
    const ManifestField grade{.key = "user.education.grade",
                              .categories = Category::user_education_grade,
                              .required = true,
                              .transform = Transform::none,
                              .why = {}};
    EXPECT_EQ(granted_categories(education, {}), education.categories);
    EXPECT_TRUE(granted_categories(grade, {}).empty()) << "required, yet never without the operator's word";
    EXPECT_TRUE(granted_categories(grade, {grant("user.education", true)}).empty());
    EXPECT_TRUE(granted_categories(grade, {grant("user", true)}).empty());
    EXPECT_EQ(granted_categories(grade, {grant("user.education.grade", true)}), grade.categories);
    EXPECT_TRUE(
        granted_categories(grade, {grant("user.education.grade", true), grant("user.education", false)})
            .empty());
    EXPECT_FALSE(granted_categories(education, {grant("user.education.progress", false)})
                     .contains(Category::user_education_progress));
    const ManifestField optional{.key = "user.name",
                                 .categories = Category::user_name,
                                 .required = false,
                                 .transform = Transform::none,
                                 .why = {}};
    EXPECT_TRUE(granted_categories(optional, {}).empty());
    EXPECT_FALSE(granted_categories(optional, {grant("user.name", true)}).empty());
}

TEST(Narrowing, WarnsOfWhatIsRequiredAndWasNeverNamed) {
    const auto manifest = parse_manifest(
        "id: analytics/marks\nversion: 0.1.0\nsdk: \"1.0\"\nsummary: {de: N, en: M}\nlicence: "
        "MIT\npurposes:\n"
        "  - purpose: analytics.reporting.content_performance\n    legal_basis: consent\n"
        "    cookie_category: analytics\n    fields:\n"
        "      - {category: user.education.grade, required: true, why: {de: W, en: W}}\n",
        "plugin.yaml");
    ASSERT_TRUE(manifest) << to_text(manifest.problems);
    const auto problems_with = [&](const std::string& purpose) {
        const auto parsed = parse_settings(
            "platform: {name: L, origin: 'http://localhost:8080'}\n"
            "operator: {legal_name: L, address: A, country: DE, email: a@lms.example}\n"
            "plugins: {analytics/marks: {recipient: {self: true}, purposes: "
            "{analytics.reporting.content_performance: {" +
                purpose + "}}}}\n",
            "x.yaml");
        EXPECT_TRUE(parsed) << to_text(parsed.problems);
        const auto checked =
            check_instance(*parsed.value, *parsed.value->enabled_instances().at(0), *manifest.value);
        EXPECT_TRUE(checked) << "a warning keeps nothing from starting";
        return to_text(checked.problems);
    };
    EXPECT_NE(problems_with("").find("write user.education.grade: true"), std::string::npos);
    EXPECT_EQ(problems_with("fields: {user.education.grade: true}"), "");
    EXPECT_EQ(problems_with("enabled: false"), "");
    EXPECT_EQ(problems_with("fields: {user.education.grade: false}").find("by its own name"),
              std::string::npos)
        << "who denies it is told so in other words";
}

TEST(FrameOrigins, ComeFromTheManifestAndTheSettings) {
    const auto manifest = load_manifest(folder() / "good/manifest_embed.yaml");
    ASSERT_TRUE(manifest);
    const auto parsed = parse_settings(
        "platform: {name: L, origin: 'http://localhost:8080'}\n"
        "operator: {legal_name: L, address: A, country: DE, email: a@lms.example}\n"
        "plugins: {video/embed: {recipient: {self: true}, settings: {origins: "
        "['https://video.example/embed/', 'https://v2.example:444']}}}\n",
        "x.yaml");
    ASSERT_TRUE(parsed) << to_text(parsed.problems);
    const auto checked =
        check_instance(*parsed.value, *parsed.value->enabled_instances().at(0), *manifest.value);
    ASSERT_TRUE(checked) << to_text(checked.problems);
    EXPECT_EQ(checked.value->frame_origins,
              (std::vector<std::string>{"https://player.example", "https://video.example",
                                        "https://v2.example:444"}));
}

}  // namespace
}  // namespace calyptenora::settings::test
