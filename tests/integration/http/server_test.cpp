#include "http/assets.hpp"
#include "integration/http/raw_client.hpp"
#include "integration/http/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace calyptenora::http::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HttpServer, AnswersAndKeepsTheConnection) {
    TestServer server;
    RawClient client(server.port());
    auto first = client.ask(get("/echo?q=a%20b+c"));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->status, 200);
    EXPECT_THAT(first->body, HasSubstr("GET /echo q=a b c"));
    EXPECT_FALSE(first->headers.contains("connection"));
    auto second = client.ask(post("/echo", "hello"));
    ASSERT_TRUE(second);
    EXPECT_THAT(second->body, HasSubstr("body=hello"));
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
    TestServer server;
    RawClient client(server.port());
    auto response = client.ask(get("/echo", "Connection: keep-alive, Close\r\n"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->headers["connection"], "close");
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    TestServer server;
    RawClient client(server.port());
    std::string all;
    for (int i = 0; i < 50; ++i) {
        all += i % 2 == 0 ? get("/echo?q=" + std::to_string(i))
                          : "POST /echo?q=" + std::to_string(i) +
                                " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n";
    }
    client.send(all);
    for (int i = 0; i < 50; ++i) {
        auto response = client.read_response();
        ASSERT_TRUE(response) << i;
        EXPECT_THAT(response->body, HasSubstr("q=" + std::to_string(i) + " "));
        EXPECT_THAT(response->body, HasSubstr(i % 2 == 0 ? "body= " : "body=abcde "));
    }
}

/// What looks like a request inside a body is a body.
TEST(HttpServer, BodyIsNeverTakenForARequest) {
    TestServer server;
    RawClient client(server.port());
    auto inner = get("/boom");
    client.send(post("/echo", inner) + get("/echo?q=last"));
    auto first = client.read_response();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->status, 200);
    auto second = client.read_response();
    ASSERT_TRUE(second);
    EXPECT_THAT(second->body, HasSubstr("q=last"));
}

/// An answer before the body was read ends the connection; else the rest of the body would be the next
/// request.
TEST(HttpServer, EarlyRefusalDoesNotReadTheBodyAsARequest) {
    TestServer server;
    for (const auto* target : {"/nowhere", "/healthz"}) {
        RawClient client(server.port());
        client.send(post(target, get("/echo?q=smuggled")));
        auto response = client.read_response();
        ASSERT_TRUE(response);
        EXPECT_THAT(response->status, testing::AnyOf(404, 405));
        EXPECT_EQ(response->headers["connection"], "close");
        EXPECT_TRUE(client.is_closed_by_server());
    }
    EXPECT_EQ(server.handled(), 0);
}

TEST(HttpServer, HeadHasTheHeadersOfGetAndNoBody) {
    TestServer server;
    RawClient client(server.port());
    auto got = client.ask(get("/echo"));
    client.send("HEAD /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    auto head = client.read_response(ExpectedBody::absent);
    ASSERT_TRUE(got && head);
    EXPECT_EQ(std::stoul(head->headers["content-length"]), got->body.size() + 1);  // HEAD is a letter longer
    EXPECT_TRUE(client.ask(get("/healthz"))->body == "ok");
}

TEST(HttpServer, UnknownPathsAndMethods) {
    TestServer server;
    RawClient client(server.port());
    EXPECT_EQ(client.ask(get("/nowhere"))->status, 404);
    auto wrong = client.ask("DELETE /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(wrong->status, 405);
    EXPECT_EQ(wrong->headers["allow"], "GET, HEAD, POST, OPTIONS");
    auto options = client.ask("OPTIONS /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(options->status, 204);
    EXPECT_EQ(options->headers["allow"], "GET, HEAD, POST, OPTIONS");
    EXPECT_FALSE(options->headers.contains("content-length"));
}

TEST(HttpServer, ExpectContinueIsAnsweredBeforeTheBody) {
    TestServer server;
    RawClient client(server.port());
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    auto interim = client.read_response();
    ASSERT_TRUE(interim);
    EXPECT_EQ(interim->status, 100);
    client.send("hello");
    EXPECT_THAT(client.read_response()->body, HasSubstr("body=hello"));
    // Too large: the final answer at once, no 100.
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
    EXPECT_EQ(client.read_response()->status, 413);
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, HandlerFailureIsA500WithAReferenceThatIsInTheLog) {
    TestServer server;
    RawClient client(server.port());
    auto response = client.ask(get("/boom?token=private"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 500);
    EXPECT_THAT(response->body, Not(HasSubstr("secret detail")));
    auto at = response->body.find("Reference: ");
    ASSERT_NE(at, std::string::npos);
    auto reference = response->body.substr(at + 11, 12);
    EXPECT_THAT(server.log(), HasSubstr(reference));
    EXPECT_THAT(server.log(), HasSubstr("secret detail"));
    EXPECT_THAT(server.log(), Not(HasSubstr("private")));
    EXPECT_EQ(client.ask(get("/healthz"))->body, "ok");
}

TEST(HttpServer, EveryAnswerCarriesTheSecurityHeaders) {
    TestServer server;
    std::ofstream(server.folder() / "a.txt") << "text";
    for (const auto* target : {"/echo", "/nowhere", "/boom", "/media/a.txt", "/echo%zz"}) {
        SCOPED_TRACE(target);
        RawClient client(server.port());
        auto response = client.ask(get(target));
        ASSERT_TRUE(response);
        EXPECT_THAT(response->headers["content-security-policy"], testing::StartsWith("default-src 'none'"));
        EXPECT_THAT(response->headers["content-security-policy"], Not(HasSubstr("unsafe")));
        EXPECT_EQ(response->headers["x-content-type-options"], "nosniff");
        EXPECT_EQ(response->headers["referrer-policy"], "same-origin");
        EXPECT_EQ(response->headers["cross-origin-opener-policy"], "same-origin");
        EXPECT_EQ(response->headers["cross-origin-resource-policy"], "same-origin");
        EXPECT_TRUE(response->headers.contains("permissions-policy"));
        EXPECT_TRUE(response->headers.contains("cache-control"));
        EXPECT_TRUE(response->headers.contains("date"));
        EXPECT_FALSE(response->headers.contains("strict-transport-security")) << "plain HTTP";
        EXPECT_FALSE(response->headers.contains("server"));
    }
}

TEST(HttpServer, FormsArriveAsFields) {
    TestServer server;
    RawClient client(server.port());
    auto response = client.ask(post("/form", "name=J%C3%B6rg+B&tick=1&tick=2",
                                    "Content-Type: application/x-www-form-urlencoded\r\n"));
    EXPECT_EQ(response->body, "name=J\xc3\xb6rg B;tick=1;tick=2;");
    std::string multipart =
        "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"C:\\docs\\a.png\"\r\n"
        "Content-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n";
    response = client.ask(post("/form", multipart, "Content-Type: multipart/form-data; boundary=b\r\n"));
    EXPECT_EQ(response->body, "title=Hello;file scan a.png 4;");
    response = client.ask(post("/form", "--b\r\n", "Content-Type: multipart/form-data; boundary=b\r\n"));
    EXPECT_EQ(response->status, 400);
    EXPECT_EQ(client.ask(get("/healthz"))->body, "ok");
}

TEST(HttpServer, FilesWithRangesAndValidators) {
    TestServer server;
    std::string content(200'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) {
        content[i] = static_cast<char>('a' + i % 26);
    }
    std::ofstream(server.folder() / "video.mp4") << content;
    RawClient client(server.port());
    auto whole = client.ask(get("/media/video.mp4"));
    EXPECT_EQ(whole->status, 200);
    EXPECT_EQ(whole->body, content);
    EXPECT_EQ(whole->headers["content-type"], "video/mp4");
    auto etag = whole->headers["etag"];

    auto part = client.ask(get("/media/video.mp4", "Range: bytes=26-77\r\n"));
    EXPECT_EQ(part->status, 206);
    EXPECT_EQ(part->body, content.substr(26, 52));
    EXPECT_EQ(part->headers["content-range"], "bytes 26-77/200000");
    EXPECT_EQ(client.ask(get("/media/video.mp4", "Range: bytes=-5\r\n"))->body, content.substr(199'995));
    auto beyond = client.ask(get("/media/video.mp4", "Range: bytes=200000-\r\n"));
    EXPECT_EQ(beyond->status, 416);
    EXPECT_EQ(beyond->headers["content-range"], "bytes */200000");
    EXPECT_EQ(client.ask(get("/media/video.mp4", "Range: bytes=0-1\r\nIf-Range: \"old\"\r\n"))->status, 200);
    EXPECT_EQ(client.ask(get("/media/video.mp4", "Range: bytes=0-1\r\nIf-Range: " + etag + "\r\n"))->status,
              206);

    client.send(get("/media/video.mp4", "If-None-Match: " + etag + "\r\n"));
    auto known = client.read_response(ExpectedBody::absent);
    EXPECT_EQ(known->status, 304);
    EXPECT_EQ(client.ask(get("/healthz"))->body, "ok");
}

TEST(HttpServer, FilesNeverLeaveTheirFolder) {
    TestServer server;
    std::filesystem::create_directory(server.folder() / "folder");
    std::filesystem::create_symlink("/etc/passwd", server.folder() / "link");
    std::filesystem::create_directory_symlink("/etc", server.folder() / "etc");
    RawClient client(server.port());
    for (const auto* target : {"/media/link", "/media/etc/passwd", "/media/folder", "/media/missing"}) {
        EXPECT_EQ(client.ask(get(target))->status, 404) << target;
    }
    // The server lets no dot segment through to here; the function itself must stand alone.
    Request request;
    for (const auto* path : {"../../etc/passwd", "/etc/passwd", "folder/../../x", ""}) {
        EXPECT_FALSE(open_file_response(request, server.folder(), path)) << path;
    }
}

TEST(HttpServer, AssetsAreCompressedCachedAndNamedByContent) {
    TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "fonts");
    std::string css(4000, ' ');
    std::ofstream(folder.path() / "site.css") << css;
    std::ofstream(folder.path() / "fonts" / "a.woff2") << "font";
    auto assets = Assets::load_assets(folder.path());
    ASSERT_TRUE(assets);
    TestServer server([&](ServerOptions&, Router& router, ListenerOptions&) { assets->add_routes(router); });
    RawClient client(server.port());
    auto url = assets->asset_url("site.css");
    auto plain = client.ask(get(url));
    EXPECT_EQ(plain->body, css);
    EXPECT_THAT(plain->headers["cache-control"], HasSubstr("immutable"));
    EXPECT_EQ(plain->headers["vary"], "Accept-Encoding");
    auto packed = client.ask(get(url, "Accept-Encoding: br, gzip\r\n"));
    EXPECT_EQ(packed->headers["content-encoding"], "gzip");
    EXPECT_LT(packed->body.size(), css.size() / 10);
    EXPECT_NE(packed->headers["etag"], plain->headers["etag"]);
    EXPECT_FALSE(client.ask(get(url, "Accept-Encoding: gzip;q=0\r\n"))->headers.contains("content-encoding"));
    client.send(get(url, "If-None-Match: " + plain->headers["etag"] + "\r\n"));
    EXPECT_EQ(client.read_response(ExpectedBody::absent)->status, 304);
    auto font = client.ask(get(assets->asset_url("fonts/a.woff2"), "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(font->body, "font");
    auto stale = client.ask(get("/assets/old/site.css"));
    EXPECT_EQ(stale->status, 200);
    EXPECT_EQ(stale->headers["cache-control"], "no-cache");
    EXPECT_EQ(client.ask(get("/assets/old/none.css"))->status, 404);
    EXPECT_THROW(assets->asset_url("none.css"), std::out_of_range);

    std::ofstream(folder.path() / "site.css") << "changed";
    EXPECT_EQ(assets->urls().at("site_css").as_string(), url);
    EXPECT_EQ(assets->urls().at("fonts_a_woff2").as_string(), assets->asset_url("fonts/a.woff2"));
    EXPECT_NE(Assets::load_assets(folder.path())->asset_url("site.css"), url);
}

TEST(HttpServer, RateLimitPerClientIsA429WithRetryAfter) {
    TestServer server([](ServerOptions& options, Router&, ListenerOptions&) {
        options.rate_per_client = RateLimiter::Options{.tokens_per_second = 0.01, .burst = 3, .max_keys = 10};
    });
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.ask(get("/echo"))->status, 200);
    }
    auto refused = client.ask(get("/echo"));
    EXPECT_EQ(refused->status, 429);
    EXPECT_GT(std::stoi(refused->headers["retry-after"]), 50);
}

TEST(HttpServer, OverloadTurnsAwayAllButEssentialRoutes) {
    TestServer server([](ServerOptions& options, Router&, ListenerOptions&) {
        options.admission.max_connections = 2;
        options.admission.reserved_connections = 1;
    });
    RawClient first(server.port());
    RawClient second(server.port());
    EXPECT_EQ(first.ask(get("/echo"))->status, 200);
    EXPECT_EQ(second.ask(get("/echo"))->status, 200);
    {
        RawClient third(server.port());
        auto shed = third.ask(get("/echo"));
        ASSERT_TRUE(shed);
        EXPECT_EQ(shed->status, 503);
        EXPECT_TRUE(shed->headers.contains("retry-after"));
        EXPECT_TRUE(third.is_closed_by_server());
    }
    ASSERT_TRUE(becomes_true([&] { return server.server().open_connections() == 2; }));
    for (const auto& request : {get("/healthz"), post("/checkout", "pay")}) {
        RawClient third(server.port());
        EXPECT_EQ(third.ask(request)->status, 200);
        EXPECT_TRUE(third.is_closed_by_server());
        ASSERT_TRUE(becomes_true([&] { return server.server().open_connections() == 2; }));
    }
    EXPECT_EQ(first.ask(get("/echo"))->status, 200) << "who is in stays in";
}

TEST(HttpServer, TooManyRequestsAtOnceAreShed) {
    TestServer server([](ServerOptions& options, Router&, ListenerOptions&) {
        options.admission.max_requests = 1;
        options.admission.reserved_requests = 1;
    });
    RawClient busy(server.port());
    busy.send(get("/release"));
    ASSERT_TRUE(becomes_true([&] { return server.waiting() == 1; }));
    EXPECT_EQ(RawClient(server.port()).ask(get("/echo"))->status, 503);
    EXPECT_EQ(RawClient(server.port()).ask(get("/healthz"))->status, 200);
    server.release();
    EXPECT_EQ(busy.read_response()->body, "released");
    EXPECT_EQ(RawClient(server.port()).ask(get("/echo"))->status, 200);
}

TEST(HttpServer, OneClientCannotTakeAllConnections) {
    TestServer server([](ServerOptions& options, Router&, ListenerOptions&) {
        options.admission.max_connections_per_client = 2;
    });
    RawClient first(server.port());
    RawClient second(server.port());
    EXPECT_EQ(first.ask(get("/echo"))->status, 200);
    EXPECT_EQ(second.ask(get("/echo"))->status, 200);
    RawClient third(server.port());
    auto response = third.ask(get("/healthz"));
    EXPECT_TRUE(!response || response->status == 503);
}

TEST(HttpServer, ForwardedHeadersCountFromTrustedProxiesOnly) {
    const auto* lines = "X-Forwarded-For: 10.9.9.9, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n";
    {
        TestServer server;
        auto response = RawClient(server.port()).ask(get("/echo", lines));
        EXPECT_THAT(response->body, HasSubstr("peer=127.0.0.1 https=false"));
    }
    TestServer server([](ServerOptions& options, Router&, ListenerOptions&) {
        options.proxies = TrustedProxies::parse({"127.0.0.0/8"}).value();
    });
    auto response = RawClient(server.port()).ask(get("/echo", lines));
    EXPECT_THAT(response->body, HasSubstr("peer=203.0.113.7 https=true"));
}

TEST(HttpServer, StopLetsRequestsInProgressEnd) {
    TestServer server;
    RawClient idle(server.port());
    EXPECT_EQ(idle.ask(get("/echo"))->status, 200);
    RawClient busy(server.port());
    busy.send(get("/release"));
    ASSERT_TRUE(becomes_true([&] { return server.waiting() == 1; }));
    std::thread stopping([&] { server.server().stop(); });
    EXPECT_TRUE(idle.is_closed_by_server());
    server.release();
    auto response = busy.read_response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "released");
    EXPECT_EQ(response->headers["connection"], "close");
    EXPECT_TRUE(busy.is_closed_by_server());
    stopping.join();
    EXPECT_THROW(RawClient{server.port()}, std::runtime_error);
}

TEST(HttpServer, StopCancelsAHandlerThatDoesNotEnd) {
    TestServer server([](ServerOptions& options, Router&, ListenerOptions&) {
        options.timeouts.drain = std::chrono::milliseconds(50);
    });
    RawClient client(server.port());
    client.send(get("/wait"));
    ASSERT_TRUE(becomes_true([&] { return server.waiting() == 1; }));
    server.server().stop();
    EXPECT_EQ(server.waiting(), 0);
    EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpListener, RefusesPlainHttpOutsideLoopback) {
    auto refused = Listener::open_listener({.address = "0.0.0.0", .port = 0});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_config);
    EXPECT_THAT(refused.error().message, HasSubstr("certificate"));
    EXPECT_TRUE(Listener::open_listener({.address = "127.0.0.1", .port = 0}));
    EXPECT_TRUE(Listener::open_listener({.address = "::1", .port = 0}));
}

TEST(HttpListener, SpeaksPlainHttpElsewhereWithItsProxyOnly) {
    TestServer server([](ServerOptions& options, Router&, ListenerOptions& listener) {
        options.proxies = TrustedProxies::parse({"127.0.0.2/32"}).value();
        listener.address = "0.0.0.0";
        listener.peers = Peers::proxies;
    });
    RawClient stranger(server.port());
    const auto refused = stranger.read_response();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 403);
    EXPECT_TRUE(stranger.is_closed_by_server());
    EXPECT_EQ(server.handled(), 0);

    RawClient proxy(server.port(), 0, "127.0.0.2");
    const auto answer = proxy.ask(get("/echo", "X-Forwarded-Proto: https\r\n"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_THAT(answer->body, HasSubstr("https=true"));
}

TEST(HttpListener, SaysWhenThePortIsTaken) {
    auto first = Listener::open_listener({.address = "127.0.0.1", .port = 0});
    ASSERT_TRUE(first);
    auto second = Listener::open_listener({.address = "127.0.0.1", .port = first->port()});
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(first->port())));
}

}  // namespace
}  // namespace calyptenora::http::test
