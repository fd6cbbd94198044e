#include "support/plugin_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string settings(const std::string& player, const std::string& origin = "https://player.example") {
    return R"({"origins":[")" + origin + R"("],"players":)" + to_json(std::vector<std::string>{player}) + "}";
}
const std::string good = "ex; Example Video; generic; [0-9]{3,6}; https://player.example/embed/{id}?dnt=1";

class EmbedPlugin : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(plugin_.create(settings(good))); }
    Result<video::PlayReply> play(const std::string& asset) {
        Request<video::Play> request;
        request.asset = asset;
        request.viewer = "VIEWERCANARY";
        return plugin_.call<video::Play>(request);
    }
    std::string normalised(const std::string& message) {
        Request<video::Normalise> request;
        request.message = message;
        return to_json(*plugin_.call<video::Normalise>(request));
    }
    PluginDriver plugin_{"video/embed"};
};

TEST_F(EmbedPlugin, PlaysInASandboxedFrameWithoutNamingTheViewer) {
    const auto reply = play("ex/1234");
    ASSERT_TRUE(reply);
    const auto& frame = std::get<video::Iframe>(*reply);
    EXPECT_EQ(frame.url, "https://player.example/embed/1234?dnt=1");
    EXPECT_EQ(frame.message_protocol, "generic");
    for (const auto* power : {"allow-top-navigation", "allow-popups", "allow-forms", "allow-downloads"})
        EXPECT_THAT(frame.sandbox, Not(Contains(power)));
    EXPECT_THAT(to_json(*reply), Not(HasSubstr("CANARY")));
    EXPECT_TRUE(plugin_.requests.empty());

    Request<video::Asset> request;
    request.asset = "ex/1234";
    const auto asset = plugin_.call<video::Asset>(request);
    EXPECT_EQ(asset->frame_origin, "https://player.example");
    EXPECT_EQ(asset->title, "Example Video");
}

TEST_F(EmbedPlugin, AnIdThatDoesNotFitIsNotFound) {
    for (const auto* bad : {"ex/12", "ex/1234567", "ex/12a4", "ex/1234?x=1", "ex/../1234", "ex/", "ex",
                            "other/1234", "", "ex/1234\n"})
        EXPECT_EQ(play(bad).error().kind, ErrorKind::not_found) << bad;
    // Even where the operator's pattern is too generous.
    ASSERT_TRUE(plugin_.create(settings("ex; X; none; .*; https://player.example/embed/{id}")));
    EXPECT_FALSE(play("ex/a/../b"));
    EXPECT_FALSE(play("ex/a%22b"));
    EXPECT_TRUE(play("ex/anything-goes_here"));
}

TEST_F(EmbedPlugin, RefusesPlayersThatNoPageCouldShowOrThatAreNotSafe) {
    for (const auto* bad :
         {"ex; X; generic; [0-9]+; https://elsewhere.example/{id}",
          "ex; X; generic; [0-9]+; http://player.example/{id}",
          "ex; X; generic; [0-9]+; http://localhost.example/{id}",
          "ex; X; generic; [0-9]+; http://127.0.0.1.example:80/{id}",
          "ex; X; generic; [0-9; https://player.example/{id}",
          "ex; X; generic; [0-9]+; https://player.example/", "ex; X; generic; [0-9]+; https://{id}.example/",
          "ex; X; flash; [0-9]+; https://player.example/{id}", "ex; X; generic; https://player.example/{id}",
          "ex; X; none; .; https://player.example@evil.example/{id}"}) {
        const auto created = plugin_.create(settings(bad));
        ASSERT_FALSE(created) << bad;
        EXPECT_THAT(created.error().message, HasSubstr("players"));
    }
    EXPECT_FALSE(plugin_.create(settings(good, "javascript:alert(1)")));
    EXPECT_FALSE(plugin_.create(settings(good, "http://player.example")));
    for (const std::string local : {"http://127.0.0.1:8090", "http://localhost:8090"}) {
        ASSERT_TRUE(plugin_.create(settings("ex; X; generic; [0-9]+; " + local + "/embed/{id}", local)));
        EXPECT_EQ(std::get<video::Iframe>(*play("ex/12")).url, local + "/embed/12");
    }
}

TEST_F(EmbedPlugin, UnderstandsThreeFramingsAndDropsTheRest) {
    const auto expected = [&](double position, double duration, bool ended) {
        return to_json(video::NormaliseReply{position, duration, ended});
    };
    const auto nothing = to_json(video::NormaliseReply{});
    EXPECT_EQ(normalised(R"({"type":"timeupdate","seconds":1.5,"duration":60})"), expected(1.5, 60, false));
    EXPECT_EQ(normalised(R"({"type":"ended","seconds":60,"duration":60})"), expected(60, 60, true));
    EXPECT_EQ(normalised(R"({"event":"timeupdate","data":{"seconds":1.5,"percent":0.025,"duration":60}})"),
              expected(1.5, 60, false));
    EXPECT_EQ(
        normalised(R"({"event":"infoDelivery","info":{"currentTime":60,"duration":60,"playerState":0}})"),
        expected(60, 60, true));
    EXPECT_EQ(
        normalised(R"({"event":"infoDelivery","info":{"currentTime":1.5,"duration":60,"playerState":1}})"),
        expected(1.5, 60, false));
    for (const auto* bad :
         {"", "null", "[]", "{", R"({"type":"timeupdate","seconds":-1})",
          R"({"type":"timeupdate","seconds":"9"})", R"({"type":"timeupdate","seconds":1e300})",
          R"({"type":"timeupdate","seconds":90,"duration":60})", R"({"event":"infoDelivery","info":7})",
          R"({"type":"hello","seconds":1})"})
        EXPECT_EQ(normalised(bad), nothing) << bad;
    EXPECT_EQ(normalised("{\"type\":\"ended\",\"x\":\"" + std::string(20'000, 'x') + "\"}"), nothing);
}

}  // namespace
}  // namespace calyptenora
