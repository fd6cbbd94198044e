#include "support/plugin_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora {
namespace {

constexpr std::string_view key_a = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view key_b = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

std::string settings(const std::vector<std::string>& keys) {
    return R"({"longest_ttl":21600000,"signing_keys":)" + to_json(keys) + "}";
}

class HlsPlugin : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(plugin_.create(settings({std::string(key_a)}))); }
    Result<video::Manifest> play(const std::string& asset = "opening", std::int64_t ttl_s = 3600) {
        Request<video::Play> request;
        request.asset = asset;
        request.ttl_s = ttl_s;
        const auto reply = plugin_.call<video::Play>(request);
        if (!reply)
            return reply.error();
        return std::get<video::Manifest>(*reply);
    }
    std::string authorised_file(const std::string& path, const std::string& method = "GET") {
        Request<video::Authorise> request;
        request.http.method = method;
        request.http.path = path;
        const auto reply = plugin_.call<video::Authorise>(request);
        return reply && reply->allowed ? reply->file : "refused";
    }
    PluginDriver plugin_{"video/hls"};
};

TEST_F(HlsPlugin, TheSignedPathOpensTheWholeAssetAndNothingElse) {
    const auto path = play()->path;
    const auto base = "/media/" + path.substr(0, path.rfind('/'));
    EXPECT_EQ(authorised_file(path), "opening/master.m3u8");
    EXPECT_EQ(authorised_file(base + "/720p/seg-1.m4s"), "opening/720p/seg-1.m4s");
    EXPECT_EQ(authorised_file(base + "/enc.key", "HEAD"), "opening/enc.key");
    EXPECT_EQ(authorised_file(base + "/seg.ts", "POST"), "refused");
    auto other = path;
    other.replace(other.find("/opening"), 8, "/endgame");
    for (const auto& bad :
         {other, base + "/../endgame/master.m3u8", base + "/%2e%2e/endgame/a.ts", base + "//a.ts",
          base + "/.hidden.ts", base + "/a.html", base + "/a.m3u8/", base + "/a\\..\\b.ts", base, base + "/",
          std::string("hls/"), std::string("/etc/passwd"), std::string()})
        EXPECT_EQ(authorised_file(bad), "refused") << bad;
}

TEST_F(HlsPlugin, AnySingleChangeOfExpiryOrSignatureIsRefused) {
    const auto path = play()->path;
    const auto end = path.find("/opening");
    for (std::size_t i = 4; i < end; ++i) {
        auto changed = path;
        changed[i] = changed[i] == '1' ? '2' : '1';
        EXPECT_EQ(authorised_file(changed), "refused") << changed;
    }
}

TEST_F(HlsPlugin, ThePathExpires) {
    const auto manifest = *play();
    plugin_.now += manifest.renew_after_s * 1'000'000;
    EXPECT_EQ(authorised_file(manifest.path), "opening/master.m3u8");
    plugin_.now += 61'000'000;
    EXPECT_EQ(authorised_file(manifest.path), "refused");
    EXPECT_EQ(authorised_file(play()->path), "opening/master.m3u8");
    EXPECT_LE(play("opening", 1'000'000)->renew_after_s, 6 * 3600 + 300);
}

TEST_F(HlsPlugin, OpenSslComesToTheSameSignature) {
    const auto path = play()->path;
    const auto expiry = path.substr(4, path.find('.') - 4);
    const auto signature = path.substr(path.find('.') + 1, 43);
    auto reference = run_command(
        "openssl dgst -sha256 -hmac " + std::string(key_a) + " -binary | basenc --base64url | tr -d '=\\n'",
        "hls\nopening\n" + expiry);
    EXPECT_EQ(signature, reference);
}

TEST_F(HlsPlugin, KeysCanBeChanged) {
    const auto old_path = play()->path;
    ASSERT_TRUE(plugin_.create(settings({std::string(key_b), std::string(key_a)})));
    EXPECT_EQ(authorised_file(old_path), "opening/master.m3u8");
    EXPECT_NE(play()->path, old_path);
    ASSERT_TRUE(plugin_.create(settings({std::string(key_b)})));
    EXPECT_EQ(authorised_file(old_path), "refused");
    EXPECT_FALSE(plugin_.create(settings({"short"})));
    EXPECT_FALSE(plugin_.create(settings({})));
}

TEST_F(HlsPlugin, AddressesDoNotTellLearnersApart) {
    Request<video::Play> request;
    request.asset = "opening";
    request.viewer = "p-1";
    const auto first = to_json(*plugin_.call<video::Play>(request));
    request.viewer = "p-2";
    EXPECT_EQ(to_json(*plugin_.call<video::Play>(request)), first);
    EXPECT_FALSE(play("../etc"));
    EXPECT_FALSE(play("a/b"));
}

}  // namespace
}  // namespace calyptenora
