#include "integration/http/raw_client.hpp"
#include "integration/http/test_server.hpp"

#include <gtest/gtest.h>

/// Slow clients are closed. The server's time-outs are set short; the client waits for the close as long as
/// it takes, so a slow machine makes the tests slower and not red. In each, another client is served
/// meanwhile.
namespace calyptenora::http::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds short_time{60};
constexpr milliseconds never{3'600'000};

TestServer::Change with_timeouts(Timeouts timeouts) {
    return [timeouts](ServerOptions& options, Router&, ListenerOptions&) { options.timeouts = timeouts; };
}

Timeouts endless() {
    Timeouts timeouts;
    timeouts.header = timeouts.idle = timeouts.body_grace = timeouts.write_grace = never;
    timeouts.farewell = short_time;
    timeouts.drain = milliseconds(10);
    return timeouts;
}

void expect_others_are_served(TestServer& server) {
    EXPECT_EQ(RawClient(server.port()).ask(get("/healthz"))->body, "ok");
}

TEST(SlowClient, HeaderThatDoesNotEnd) {
    auto timeouts = endless();
    timeouts.header = short_time;
    TestServer server(with_timeouts(timeouts));
    RawClient client(server.port());
    client.send("GET /echo HTTP/1.1\r\nHost: loc");
    expect_others_are_served(server);
    EXPECT_TRUE(client.is_closed_by_server());
}

/// The time counts for the whole header: a byte now and then does not extend it.
TEST(SlowClient, HeaderThatDrips) {
    auto timeouts = endless();
    timeouts.header = short_time;
    TestServer server(with_timeouts(timeouts));
    RawClient client(server.port());
    client.send("GET /echo HTTP/1.1\r\nHost: localhost\r\nX: ");
    bool is_closed = false;
    auto deadline = std::chrono::steady_clock::now() + RawClient::patience;
    while (!is_closed && std::chrono::steady_clock::now() < deadline) {
        is_closed = !client.send("a");
        std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_TRUE(is_closed);
    EXPECT_EQ(server.handled(), 0);
}

TEST(SlowClient, IdleConnection) {
    auto timeouts = endless();
    timeouts.idle = short_time;
    TestServer server(with_timeouts(timeouts));
    RawClient never_speaks(server.port());
    EXPECT_TRUE(never_speaks.is_closed_by_server());
    RawClient client(server.port());
    ASSERT_TRUE(client.ask(get("/echo")));
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(SlowClient, BodyBelowTheLeastRate) {
    auto timeouts = endless();
    timeouts.body_grace = short_time;
    TestServer server(with_timeouts(timeouts));
    for (const auto* framing :
         {"Content-Length: 1000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc"}) {
        RawClient client(server.port());
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\n" + std::string(framing));
        expect_others_are_served(server);
        EXPECT_TRUE(client.is_closed_by_server());
    }
    EXPECT_EQ(server.handled(), 0);
}

/// Bytes that are no body (chunk extensions) are no progress.
TEST(SlowClient, ChunkExtensionsAreNoProgress) {
    auto timeouts = endless();
    timeouts.body_grace = short_time;
    timeouts.least_bytes_per_second = 1'000'000'000;
    TestServer server(with_timeouts(timeouts));
    RawClient client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    bool is_closed = false;
    for (int i = 0; i < 4000 && !is_closed; ++i) {
        is_closed = !client.send(i == 0 ? "1;a=" : "b");
        std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_TRUE(is_closed);
}

/// A body at or above the least rate is read, however often the grace has passed.
TEST(SlowClient, SteadyBodyIsRead) {
    auto timeouts = endless();
    timeouts.body_grace = milliseconds(0);
    timeouts.least_bytes_per_second = 1;  // the first byte buys a second
    TestServer server(with_timeouts(timeouts));
    RawClient client(server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n" +
                std::string(500, 'a'));
    std::this_thread::sleep_for(milliseconds(50));
    client.send(std::string(500, 'b'));
    auto response = client.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
}

TEST(SlowClient, ReaderThatDoesNotRead) {
    auto timeouts = endless();
    timeouts.write_grace = short_time;
    timeouts.least_bytes_per_second = 1'000'000'000;
    TestServer server(with_timeouts(timeouts));
    RawClient client(server.port(), 4096);
    ASSERT_TRUE(client.ask(get("/healthz")));
    client.send(get("/big"));
    EXPECT_TRUE(becomes_true([&] { return server.server().open_connections() == 0; }));
    EXPECT_FALSE(client.read_response()) << "8 MiB do not fit into the buffers between us";
    expect_others_are_served(server);
}

TEST(SlowClient, ManyOfThemCostOthersNothing) {
    TestServer server(with_timeouts(endless()));
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 150; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        clients.back()->send(i % 2 == 0 ? "GET /echo HTTP/1.1\r\nHo"
                                        : "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
                                          "Content-Length: 10\r\n\r\nabc");
    }
    RawClient other(server.port());
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(other.ask(get("/echo"))->status, 200);
    }
}

}  // namespace
}  // namespace calyptenora::http::test
