#include "support/host_fixture.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <tuple>

namespace calyptenora::host {
namespace {

using ::testing::HasSubstr;

/// Plugins that were built outside the source tree (install_test.sh): `tape` in C++ by clang, `reel` in C by
/// gcc. Each runs in both places.
class OutOfTree : public HostFixture,
                  public testing::WithParamInterface<std::tuple<std::string, settings::Isolation>> {
  protected:
    OutOfTree() { purpose_ = Purpose::essential_service_content_delivery; }

    std::string name() const { return "video/" + std::get<0>(GetParam()); }
    settings::Isolation isolation() const override { return std::get<1>(GetParam()); }
    PluginState start(const std::string& settings = R"({"pattern":"https://video.example/"})") {
        run(host_->apply({plan(name(), settings)}));
        return state(name());
    }
    static std::int64_t now() {
        return std::chrono::duration_cast<std::chrono::microseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }

    static constexpr const char* plugins = CALYPTENORA_OUT_OF_TREE_PLUGINS;
    static constexpr const char* film = R"({"asset":"film-1","locale":"de","ttl_s":60})";
};
INSTANTIATE_TEST_SUITE_P(
    Plugins, OutOfTree,
    testing::Combine(testing::Values("tape", "reel"),
                     testing::Values(settings::Isolation::worker, settings::Isolation::in_process)),
    [](const auto& info) {
        return std::get<0>(info.param) + "_" +
               std::string(settings::isolation_keys[static_cast<std::size_t>(std::get<1>(info.param))]);
    });

TEST_P(OutOfTree, IsVerifiedLoadedAndCalledByTheHost) {
    open(plugins);
    const auto started = start();
    ASSERT_EQ(started.kind, PluginState::Kind::ready) << started.reason;
    const auto before = now();
    const auto answer = call(name(), "play", film);
    ASSERT_TRUE(answer) << answer.error().message;
    // It asked the host for the time, and made its answer of it.
    const auto url = std::string(boost::json::parse(*answer).at("iframe").at("url").as_string());
    const std::string stem = "https://video.example/film-1?at=";
    ASSERT_TRUE(url.starts_with(stem)) << url;
    const auto at = std::stoll(url.substr(stem.size()));
    EXPECT_GE(at, before);
    EXPECT_LE(at, now());

    const auto unsupported = call(name(), "normalise", R"({"message":"{}"})");
    ASSERT_FALSE(unsupported);
    EXPECT_EQ(unsupported.error().kind, ErrorKind::unsupported);
}

TEST_P(OutOfTree, SaysItselfWhatIsWrongWithItsSettings) {
    open(plugins);
    const auto failed = start(R"({"other":1})");
    EXPECT_EQ(failed.kind, PluginState::Kind::failed);
    EXPECT_THAT(failed.reason, HasSubstr("pattern"));
    EXPECT_FALSE(call(name(), "play", film));
}

TEST_P(OutOfTree, IsRefusedWithAnotherManifestThanItsOwn) {
    namespace fs = std::filesystem;
    const auto copies = fs::path(testing::TempDir()) / ("out_of_tree_" + std::get<0>(GetParam()));
    fs::remove_all(copies);
    fs::copy(plugins, copies, fs::copy_options::recursive);
    std::ofstream(copies / name() / "plugin.yaml", std::ios::app) << "# another\n";
    open(copies);
    const auto refused = start();
    EXPECT_EQ(refused.kind, PluginState::Kind::refused);
    EXPECT_THAT(refused.reason, HasSubstr("manifest"));
    fs::remove_all(copies);
}

}  // namespace
}  // namespace calyptenora::host
