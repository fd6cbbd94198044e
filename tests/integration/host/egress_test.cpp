#include "host/egress.hpp"

#include "support/canned_server.hpp"
#include "support/host_fixture.hpp"

#include <boost/asio/strand.hpp>
#include <gtest/gtest.h>

// The broker against real servers on loopback. Also here: the two of the twelve bad plugins that need a
// server.
namespace calyptenora::host {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

class EgressTest : public HostFixture {
  protected:
    EgressBroker& egress() override { return *egress_; }

    /// A broker to which `names` resolve to loopback and `internal.example` to a private address. `allowed`:
    /// what the operator allows on loopback.
    void make_broker(std::vector<settings::HostPort> allowed, fs::path ca_file = {}) {
        settings::Egress settings;
        settings.allow_private = std::move(allowed);
        settings.ca_file = std::move(ca_file);
        settings.total_seconds = 5s;
        settings.max_bytes = 100'000;
        auto network =
            EgressNetwork::open(settings, [this](std::string host) { return resolve(std::move(host)); });
        ASSERT_TRUE(network) << network.error().message;
        network_ = std::move(*network);
        egress_ = std::make_unique<Egress>(*network_, guard_, [this](const EgressRecord& record) {
            records_.push_back(record.host + " " + record.method + " " + record.outcome);
        });
    }

    asio::awaitable<Result<std::vector<asio::ip::address>>> resolve(std::string host) {
        ++lookups_;
        const auto* address = host == "internal.example" ? "10.0.0.7" : "127.0.0.1";
        co_return std::vector{asio::ip::make_address(address)};
    }

    Result<HttpResponse> send(HttpRequest request, std::vector<settings::HostPort> declared) {
        const EgressOrigin origin{make_call("analytics/xapi", "deliver", "[]").scope, std::move(declared),
                                  false};
        return run(egress_->http(origin, std::move(request)));
    }
    std::string refusal(HttpRequest request, std::vector<settings::HostPort> declared) {
        const auto response = send(std::move(request), std::move(declared));
        return response ? "HTTP " + std::to_string(response->status) : response.error().message;
    }
    static HttpRequest post(const std::string& url) {
        return {.method = "POST", .url = url, .headers = {}, .body = {"canary"}, .records = {}};
    }
    static std::string url(const CannedServer& server, const std::string& path = "/x",
                           const char* scheme = "http") {
        return std::string(scheme) + "://lrs.example:" + std::to_string(server.port()) + path;
    }
    static settings::HostPort at(const CannedServer& server, const char* host = "lrs.example") {
        return {host, server.port()};
    }

    fs::path folder_ = fs::path(testing::TempDir()) / "egress_certificates";
    std::unique_ptr<EgressNetwork> network_;
    std::unique_ptr<Egress> egress_;
    std::vector<std::string> records_;
    std::atomic<int> lookups_ = 0;
};

TEST_F(EgressTest, SendsAndAccounts) {
    CannedServer server([](const auto&) {
        return CannedServer::ok("thanks", "X-Note: a\r\nX-Note: b\r\nSet-Cookie: track=1\r\n");
    });
    make_broker({at(server)});
    auto request = post(url(server, "/a?b=c"));
    request.headers["Authorization"] = "Basic eA==";
    const auto response = send(request, {at(server)});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body.data, "thanks");
    EXPECT_EQ(response->headers.at("x-note"), "a, b");
    EXPECT_FALSE(response->headers.contains("set-cookie"));
    EXPECT_EQ(lookups_, 1);
    ASSERT_EQ(server.requests().size(), 1u);
    const auto seen = server.requests()[0];
    EXPECT_TRUE(seen.starts_with("POST /a?b=c HTTP/1.1\r\n")) << seen;
    EXPECT_NE(seen.find("Authorization: Basic eA==\r\n"), std::string::npos);
    EXPECT_TRUE(seen.ends_with("\r\n\r\ncanary"));
    ASSERT_EQ(guard_.asked().size(), 1u);
    EXPECT_EQ(guard_.asked()[0].host, "lrs.example:" + std::to_string(server.port()));
    EXPECT_EQ(guard_.asked()[0].outcome, "HTTP 200");
    EXPECT_EQ(records_.at(0), "lrs.example:" + std::to_string(server.port()) + " POST HTTP 200");
}

TEST_F(EgressTest, NothingIsWrittenWithoutPermission) {
    CannedServer server([](const auto&) { return CannedServer::ok(); });
    make_broker({at(server)});
    guard_.denies = true;
    EXPECT_EQ(refusal(post(url(server)), {at(server)}), "the learner has withdrawn");
    EXPECT_TRUE(server.requests().empty());
    guard_.denies = false;
    EXPECT_EQ(refusal(post(url(server)), {at(server)}), "HTTP 200");
}

TEST_F(EgressTest, AnAddressThatIsNotPublicIsRefused) {
    CannedServer server([](const auto&) { return CannedServer::ok(); });
    make_broker({at(server)});
    EXPECT_EQ(refusal(post("https://internal.example/x"), {{"internal.example", 0}}),
              "internal.example:443 leads to the internal address 10.0.0.7; if that is meant, add it to "
              "egress.allow_private");
    // The same address under a name that the operator has not allowed.
    EXPECT_NE(refusal(post("https://other.example:" + std::to_string(server.port()) + "/"),
                      {at(server, "other.example")})
                  .find("leads to the internal address 127.0.0.1"),
              std::string::npos);
    EXPECT_EQ(server.connections(), 0);
    EXPECT_TRUE(guard_.asked().empty());
}

TEST_F(EgressTest, PlainHttpIsForAllowedLoopbackOnly) {
    make_broker({});
    EXPECT_EQ(refusal(post("http://lrs.example/x"), {{"lrs.example", 0}}),
              "lrs.example:80: plain HTTP goes only to loopback addresses that egress.allow_private names");
}

TEST_F(EgressTest, OversizeAndSlowAnswersEnd) {
    CannedServer server([](const std::string& request) {
        if (request.find("/slow") != std::string::npos) {
            std::this_thread::sleep_for(400ms);
            return CannedServer::ok("late");
        }
        if (request.find("/headers") != std::string::npos)
            return CannedServer::ok("", "X-Long: " + std::string(70'000, 'x') + "\r\n");
        return CannedServer::ok(
            std::string(request.find("/fits") != std::string::npos ? 100'000 : 100'001, 'x'));
    });
    make_broker({at(server)});
    const auto name = "lrs.example:" + std::to_string(server.port());
    EXPECT_EQ(refusal(post(url(server, "/fits")), {at(server)}), "HTTP 200");
    EXPECT_EQ(refusal(post(url(server, "/large")), {at(server)}),
              name + " answered with more than 100000 bytes");
    EXPECT_EQ(refusal(post(url(server, "/headers")), {at(server)}),
              name + " answered with headers of more than 65536 bytes");
    auto slow = post(url(server, "/slow"));
    slow.timeout_ms = 100;
    EXPECT_EQ(refusal(slow, {at(server)}), name + ": reading the answer failed: it took too long");
    slow.timeout_ms = 5000;
    EXPECT_EQ(refusal(slow, {at(server)}), "HTTP 200");
}

TEST_F(EgressTest, CertificatesAreVerified) {
    const TestCertificate right(folder_, "lrs.example"), wrong(folder_, "other.example");
    CannedServer server([](const auto&) { return CannedServer::ok(); }, &right);
    CannedServer impostor([](const auto&) { return CannedServer::ok(); }, &wrong);

    make_broker({at(server), at(impostor)}, right.certificate);
    EXPECT_EQ(refusal(post(url(server, "/", "https")), {at(server)}), "HTTP 200");

    make_broker({at(server), at(impostor)});
    EXPECT_NE(
        refusal(post(url(server, "/", "https")), {at(server)}).find("has no valid certificate (self-signed"),
        std::string::npos);

    make_broker({at(server), at(impostor)}, wrong.certificate);
    EXPECT_NE(refusal(post(url(impostor, "/", "https")), {at(impostor)}).find("has no valid certificate"),
              std::string::npos);
    EXPECT_EQ(server.requests().size(), 1u);
    EXPECT_TRUE(impostor.requests().empty());
    EXPECT_EQ(guard_.asked().size(), 1u);
}

TEST_F(EgressTest, RequestsThatCouldSmuggleAreRefused) {
    CannedServer server([](const auto&) { return CannedServer::ok(); });
    make_broker({at(server)});
    const auto with = [&](const std::string& name, const std::string& value) {
        auto request = post(url(server));
        request.headers[name] = value;
        return refusal(request, {at(server)});
    };
    EXPECT_EQ(with("X-Fine", "a b"), "HTTP 200");
    EXPECT_EQ(with("X-Bad", "a\r\nHost: evil"),
              "the header x-bad has a line break or another control character in it");
    EXPECT_EQ(with("X-Bad", "a\nb"), "the header x-bad has a line break or another control character in it");
    EXPECT_EQ(with("X Bad", "a"), "a header's name has characters that are not allowed there");
    for (const auto* name :
         {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Cookie", "Upgrade"})
        EXPECT_NE(with(name, "1").find("is the host's to write"), std::string::npos) << name;
    auto method = post(url(server));
    method.method = "GET / HTTP/1.1\r\nX: y\r\n\r\nPOST";
    EXPECT_NE(refusal(method, {at(server)}).find("the method is none of"), std::string::npos);
    EXPECT_NE(refusal(post(url(server, "/a b\r\nX: y")), {at(server)}).find("cannot be read"),
              std::string::npos);
    EXPECT_NE(refusal(post("ftp://lrs.example/"), {at(server)}).find("neither https nor http"),
              std::string::npos);
    EXPECT_NE(refusal(post("https://user:pw@lrs.example/"), {at(server)}).find("user name"),
              std::string::npos);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(EgressTest, EachRedirectHopIsJudgedAnew) {
    CannedServer other([](const auto&) { return CannedServer::ok("there"); });
    CannedServer server([&](const std::string& request) {
        if (request.find("/loop") != std::string::npos)
            return CannedServer::redirect("/loop");
        const auto status = request.find("/keep") != std::string::npos ? 307 : 303;
        return CannedServer::redirect("http://other.example:" + std::to_string(other.port()) + "/y", status);
    });
    make_broker({at(server), at(other, "other.example")});
    auto request = post(url(server, "/keep"));
    request.headers["Authorization"] = "Basic eA==";
    EXPECT_EQ(refusal(request, {at(server), at(other, "other.example")}), "HTTP 200");
    EXPECT_EQ(guard_.asked().size(), 2u);
    EXPECT_TRUE(other.requests().at(0).starts_with("POST /y"));
    EXPECT_TRUE(other.requests()[0].ends_with("canary"));
    EXPECT_EQ(other.requests()[0].find("Authorization"), std::string::npos);

    EXPECT_EQ(refusal(post(url(server, "/see")), {at(server), at(other, "other.example")}), "HTTP 200");
    EXPECT_TRUE(other.requests().at(1).starts_with("GET /y"));
    EXPECT_EQ(other.requests()[1].find("canary"), std::string::npos);

    // The target is not declared.
    EXPECT_EQ(refusal(post(url(server, "/keep")), {at(server)}),
              "other.example:" + std::to_string(other.port()) +
                  " is not among the hosts that the plugin's manifest declares (egress)");
    EXPECT_NE(refusal(post(url(server, "/loop")), {at(server)}).find("redirected more than 5 times"),
              std::string::npos);
    EXPECT_EQ(other.requests().size(), 2u);
}

/// Through the whole host: plugin, channel, services, broker.
class BadPluginsOutside : public EgressTest {
  protected:
    std::string deliver(const std::string& target, std::vector<settings::HostPort> declared) {
        open(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins");
        auto asks =
            plan("analytics/asks_a_host", to_json(std::map<std::string, std::string>{{"url", target}}));
        asks.egress = std::move(declared);
        run(host_->apply({asks, plan("analytics/good")}));
        const auto outcome = failure("analytics/asks_a_host", "deliver", "[]");
        EXPECT_EQ(failure("analytics/good", "deliver", "[]"), "");
        run(host_->stop());
        return outcome;
    }
};

TEST_F(BadPluginsOutside, UndeclaredHost) {
    CannedServer server([](const auto&) { return CannedServer::ok(); });
    make_broker({at(server)});
    EXPECT_EQ(deliver(url(server), {{"declared.example", 443}}),
              "analytics/asks_a_host: deliver: lrs.example:" + std::to_string(server.port()) +
                  " is not among the hosts that the plugin's manifest declares (egress)");
    EXPECT_EQ(server.connections(), 0);
    EXPECT_EQ(deliver(url(server), {at(server)}), "");
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(BadPluginsOutside, RedirectToAnInternalAddress) {
    CannedServer inside([](const auto&) { return CannedServer::ok(); });
    std::atomic<bool> bad = true;
    CannedServer server([&](const std::string& request) {
        if (request.find("/home") != std::string::npos)
            return CannedServer::ok();
        return CannedServer::redirect(bad ? "https://127.0.0.1:" + std::to_string(inside.port()) + "/admin"
                                          : "/home");
    });
    make_broker({at(server)});
    const std::vector<settings::HostPort> declared{at(server), {"127.0.0.1", inside.port()}};
    EXPECT_EQ(
        deliver(url(server), declared),
        "analytics/asks_a_host: deliver: 127.0.0.1:" + std::to_string(inside.port()) +
            " leads to the internal address 127.0.0.1; if that is meant, add it to egress.allow_private");
    EXPECT_EQ(inside.connections(), 0);
    bad = false;
    EXPECT_EQ(deliver(url(server), declared), "");
}

}  // namespace
}  // namespace calyptenora::host
