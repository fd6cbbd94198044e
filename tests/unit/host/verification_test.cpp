#include "host/verification.hpp"

#include "storage/text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace calyptenora::host {
namespace {

namespace fs = std::filesystem;

Status any_manifest(std::string_view, const PluginFiles&) {
    return {};
}

/// A plugin folder with a copy of the sample in it.
class Verification : public testing::Test {
  protected:
    void SetUp() override {
        const auto from = fs::path(CALYPTENORA_BINARY_DIR "/tests/unit/sdk/plugins/analytics/sample");
        folder_ =
            fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
        fs::remove_all(folder_);
        fs::create_directories(folder_ / "analytics/sample");
        for (const auto* name : {"plugin.yaml", "sample.so"})
            fs::copy_file(from / name, folder_ / "analytics/sample" / name);
    }
    void TearDown() override { fs::remove_all(folder_); }

    PluginFiles files() const { return discover_plugins({folder_}).at("analytics/sample"); }
    std::string refusal(const LockFile& lock = {}) const {
        const auto verified = verify_plugin(files(), any_manifest, lock);
        return verified ? "" : verified.error().message;
    }
    void write(const fs::path& path, std::string_view text) const {
        std::ofstream(folder_ / path, std::ios::binary) << text;
    }

    fs::path folder_;
};

TEST_F(Verification, DiscoversByFolderAndManifest) {
    fs::create_directories(folder_ / "analytics/empty");
    fs::create_directories(folder_ / "nonsense/thing");
    write("nonsense/thing/plugin.yaml", "id: nonsense/thing\n");
    const auto found = discover_plugins({folder_ / "absent", folder_, folder_});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.begin()->second.library, folder_ / "analytics/sample/sample.so");
}

TEST_F(Verification, AGoodPluginPasses) {
    const auto verified = verify_plugin(files(), any_manifest, {});
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->manifest, "id: analytics/sample\n");
    EXPECT_EQ(verified->sha256, storage::sha256_hex(verified->library));
}

TEST_F(Verification, AnInvalidManifestIsToldFirst) {
    const auto verified = verify_plugin(
        files(), [](auto, const auto&) -> Status { return Error(ErrorKind::invalid_input, "line 1: no"); },
        {});
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error(), Error(ErrorKind::invalid_config, "line 1: no"));
}

TEST_F(Verification, AManifestThatDiffersIsRefused) {
    write("analytics/sample/plugin.yaml", "id: analytics/sample\n\n");
    EXPECT_NE(refusal().find("sample.so: the manifest inside differs from"), std::string::npos);
}

TEST_F(Verification, AMissingLibraryIsRefused) {
    fs::remove(folder_ / "analytics/sample/sample.so");
    EXPECT_NE(refusal().find("there is no readable library"), std::string::npos);
}

TEST_F(Verification, APinnedHashMustMatch) {
    LockFile lock;
    lock.pin("analytics/sample", std::string(64, '0'));
    EXPECT_NE(refusal(lock).find("plugins verify --pin"), std::string::npos);
    lock.pin("analytics/sample", verify_plugin(files(), any_manifest, {})->sha256);
    EXPECT_EQ(refusal(lock), "");
    lock.pin("analytics/other", std::string(64, '0'));
    EXPECT_EQ(refusal(lock), "");
}

TEST(PermittedLibraries, AreTheFixedListOnly) {
    for (const auto* name :
         {"libc.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libcrypto.so.3", "libsodium.so.23",
          "libqrencode.so.4", "libpugixml.so.1", "libz.so.1", "libm.so.6", "ld-linux-x86-64.so.2"})
        EXPECT_TRUE(is_permitted_library(name)) << name;
    for (const auto* name :
         {"libsoci_core.so.4.0", "libcurl.so.4", "libc.so", "libc.so.", "libc.so.6/../evil", "libcc.so.6",
          "libc.so.6x", "/lib/libc.so.6", "", "libssl.so.3"})
        EXPECT_FALSE(is_permitted_library(name)) << name;
}

}  // namespace
}  // namespace calyptenora::host
