#include "settings/manifest.hpp"
#include "support/plugin_driver.hpp"

#include <gtest/gtest.h>

namespace calyptenora {
namespace {

class ManifestOf : public testing::TestWithParam<const char*> {};

// What is inside the library is what the host will read.
TEST_P(ManifestOf, PluginHasNoProblem) {
    const PluginDriver plugin(GetParam());
    const auto manifest =
        settings::parse_manifest(plugin.manifest(), std::string(GetParam()) + "/plugin.yaml");
    for (const auto& problem : manifest.problems)
        ADD_FAILURE() << problem.key_path << ": expected " << problem.expected << ", found " << problem.found;
    ASSERT_TRUE(manifest.value);
    EXPECT_EQ(manifest.value->id.text(), GetParam());
    EXPECT_FALSE(manifest.value->purposes.empty());
}
INSTANTIATE_TEST_SUITE_P(Plugins, ManifestOf,
                         testing::Values("auth/password", "payments/sepa", "video/hls", "video/embed",
                                         "analytics/xapi", "support/mail"));

}  // namespace
}  // namespace calyptenora
