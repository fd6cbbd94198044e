#include "settings/manifest.hpp"

#include "fixture.hpp"

namespace calyptenora::settings::test {
namespace {

Manifest load(const std::string& name) {
    auto loaded = load_manifest(folder() / "good" / name);
    EXPECT_TRUE(loaded) << to_text(loaded.problems);
    return std::move(loaded.value).value();
}

TEST(Manifest, GivesWhatThePluginSays) {
    const auto manifest = load("manifest_xapi.yaml");
    EXPECT_EQ(manifest.id.text(), "analytics/xapi");
    EXPECT_EQ(manifest.version.text(), "0.2.0-beta.1");
    EXPECT_EQ(manifest.sdk, (SdkRevision{1, 0}));
    EXPECT_EQ(manifest.summary.en, "Reports learning progress as xAPI statements to an LRS.");
    EXPECT_EQ(manifest.recipient.role, RecipientRole::processor);
    EXPECT_FALSE(manifest.browser);
    EXPECT_FALSE(manifest.mail);
    ASSERT_EQ(manifest.egress.size(), 2u);
    EXPECT_EQ(std::get<SettingReference>(manifest.egress[0]).key, "endpoint");
    EXPECT_EQ(std::get<HostPort>(manifest.egress[1]), (HostPort{"status.lrs.example", 8443}));
    EXPECT_EQ(manifest.inbound.at(0).headers, std::vector<std::string>{"x-signature"});
    EXPECT_EQ(manifest.find_setting("flush_after")->default_value, 5000);
    EXPECT_EQ(manifest.find_setting("flush_after")->max, 300'000);
    EXPECT_TRUE(manifest.find_setting("password")->default_value.is_null());
    EXPECT_EQ(manifest.find_setting("nothing"), nullptr);
    EXPECT_EQ(manifest.source_text, read_file(folder() / "good/manifest_xapi.yaml"));
}

TEST(Manifest, APrefixNeverCoversGradesAndSubmissions) {
    const auto manifest = load("manifest_xapi.yaml");
    const auto* purpose = manifest.find_purpose(Purpose::analytics_reporting_content_performance);
    ASSERT_NE(purpose, nullptr);
    ASSERT_EQ(purpose->fields[1].key, "user.education");
    EXPECT_TRUE(purpose->fields[1].categories.contains(Category::user_education_progress));
    EXPECT_FALSE(purpose->fields[1].categories.contains(Category::user_education_grade));
    EXPECT_FALSE(purpose->fields[1].categories.contains(Category::user_education_submission));
    EXPECT_EQ(purpose->fields[2].categories, CategoryMask(Category::user_education_grade));
    EXPECT_FALSE(purpose->categories().contains(Category::user_education_submission));
}

TEST(Manifest, SaysWhatTheBrowserDoes) {
    const auto manifest = load("manifest_embed.yaml");
    ASSERT_TRUE(manifest.browser);
    EXPECT_EQ(std::get<std::string>(manifest.browser->frame_origins.at(0)), "https://player.example");
    EXPECT_EQ(std::get<SettingReference>(manifest.browser->frame_origins.at(1)).key, "origins");
    EXPECT_EQ(manifest.browser->storage.at(0).duration, std::chrono::days(30));
    EXPECT_EQ(manifest.browser->storage.at(1).duration.count(), 0);
    EXPECT_EQ(manifest.purposes.at(0).device_access, DeviceAccess::consent);
    EXPECT_EQ(manifest.purposes.at(0).cookie_category, CookieCategory::external_media);
}

TEST(Manifest, NoCategoryIsAPassword) {
    for (const auto key : category_keys)
        EXPECT_EQ(key.find("password"), std::string_view::npos);
}

}  // namespace
}  // namespace calyptenora::settings::test
