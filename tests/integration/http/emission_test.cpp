#include "integration/http/raw_client.hpp"
#include "integration/http/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace calyptenora::http::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What has become of one permission.
struct Permission {
    bool in_time = true;
    std::atomic<int> given_up = 0;
    std::mutex mutex;
    std::vector<std::string> outcomes;

    std::vector<std::string> settled() {
        const std::lock_guard lock(mutex);
        return outcomes;
    }
};

class WatchedEmission final : public gate::Emission {
  public:
    explicit WatchedEmission(Permission& permission) : permission_(permission) {}
    ~WatchedEmission() override {
        if (held_)
            ++permission_.given_up;
    }
    bool is_in_time() const override { return permission_.in_time; }
    boost::asio::awaitable<void> release() override {
        held_ = false;
        co_return;
    }
    boost::asio::awaitable<void> settle(std::string_view outcome) override {
        held_ = false;
        const std::lock_guard lock(permission_.mutex);
        permission_.outcomes.emplace_back(outcome);
        co_return;
    }

  private:
    Permission& permission_;
    bool held_ = true;
};

/// A server whose page /film makes the browser ask https://player.example, for which it has these
/// permissions.
class PagesWithFrames : public testing::Test {
  protected:
    Permission first_, second_;
    std::atomic<bool> is_huge_ = false;
    TestServer server_{[this](ServerOptions& options, Router& router, ListenerOptions&) {
        options.timeouts.write_grace = std::chrono::milliseconds(200);
        options.timeouts.least_bytes_per_second = 1024 * 1024 * 1024;
        router.get("/film", [this](Request&, const PathParams&) -> boost::asio::awaitable<Response> {
            auto response = Response::make_page("<iframe src=\"https://player.example/1\"></iframe>" +
                                                std::string(is_huge_ ? 64 * 1024 * 1024 : 0, 'x'));
            response.policy.allow_frame(Origin::parse("https://player.example").value());
            for (auto* permission : {&first_, &second_})
                response.emissions.push_back(std::make_unique<WatchedEmission>(*permission));
            co_return response;
        });
        router.get("/boom-after", [this](Request&, const PathParams&) -> boost::asio::awaitable<Response> {
            auto response = Response::make_page("film");
            response.emissions.push_back(std::make_unique<WatchedEmission>(first_));
            throw std::runtime_error("the rendering failed");
        });
    }};
};

TEST_F(PagesWithFrames, AreSentWhileItIsPermittedAndAccountedFor) {
    RawClient client(server_.port());
    const auto page = client.ask(get("/film"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
    EXPECT_THAT(page->headers.at("content-security-policy"), HasSubstr("frame-src https://player.example"));
    EXPECT_TRUE(becomes_true([&] { return second_.settled().size() == 1; }));
    EXPECT_EQ(first_.settled(), std::vector<std::string>{"page sent"});
    EXPECT_EQ(second_.settled(), std::vector<std::string>{"page sent"});
    EXPECT_EQ(client.ask(get("/echo"))->status, 200) << "the connection lives on";
}

TEST_F(PagesWithFrames, AreNotSentWhenOnePermissionHasRunOut) {
    second_.in_time = false;
    RawClient client(server_.port());
    const auto page = client.ask(get("/film"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 503);
    EXPECT_EQ(page->headers.at("retry-after"), "1");
    EXPECT_THAT(page->head + page->body, Not(HasSubstr("player.example")));
    EXPECT_TRUE(becomes_true([&] { return second_.settled().size() == 1; }));
    EXPECT_EQ(first_.settled(), std::vector<std::string>{"page not sent"});
    EXPECT_EQ(second_.settled(), std::vector<std::string>{"page not sent"});
}

TEST_F(PagesWithFrames, AreNotSentToWhoAsksForTheHeaderAlone) {
    RawClient client(server_.port());
    client.send("HEAD /film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(client.read_response(ExpectedBody::absent));
    EXPECT_TRUE(becomes_true([&] { return first_.settled().size() == 1; }));
    EXPECT_EQ(first_.settled(), std::vector<std::string>{"page not sent"});
}

TEST_F(PagesWithFrames, AreAccountedForWhenTheClientTakesAPartOfThem) {
    is_huge_ = true;
    RawClient client(server_.port());
    client.send(get("/film"));
    EXPECT_TRUE(becomes_true([&] { return second_.settled().size() == 1; }));
    EXPECT_EQ(first_.settled(), std::vector<std::string>{"page sent in part"});
}

TEST_F(PagesWithFrames, GiveThePermissionUpWhenTheyAreNeverMade) {
    RawClient client(server_.port());
    EXPECT_EQ(client.ask(get("/boom-after"))->status, 500);
    EXPECT_EQ(first_.given_up, 1);
    EXPECT_TRUE(first_.settled().empty());
}

}  // namespace
}  // namespace calyptenora::http::test
